"""The scenario by the client that openapi-python-client made; the scenario comes on standard input."""

import hashlib
import json
import re
import sys
import time
from base64 import b64decode
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from continuity_client import AuthenticatedClient
from continuity_client.api.download_tokens import generate_download_url
from continuity_client.api.downloads import get_download_archive
from continuity_client.api.manifests import create_manifest
from continuity_client.api.packs import check_packs, upload_pack
from continuity_client.api.purchases import list_purchases
from continuity_client.api.users import get_user, get_whoami
from continuity_client.api.versions import activate_version, get_version
from continuity_client.models import (
    DownloadUrl,
    DownloadUrlCreate,
    ErrorBody,
    ExistingPacks,
    Manifest,
    ManifestCreate,
    PackCheck,
    StoredPack,
    UserEnvelope,
    Version,
    VersionStatus,
    WhoamiEnvelope,
)
from continuity_client.types import UNSET, File, Unset

T = TypeVar("T")


def wanted(kind: type[T], answer: object) -> T:
    """The answer where the call succeeded; it is an ErrorBody where it was refused."""
    if not isinstance(answer, kind):
        raise SystemExit(f"expected {kind.__name__}, got {answer}")
    return answer


def publish(client: AuthenticatedClient, scenario: dict[str, Any]) -> dict[str, Any]:
    user = wanted(UserEnvelope, get_user.sync(client=client)).response
    pack = scenario["pack"]
    check = PackCheck(vendor_id=user.organisation_id, pack_hashes=[pack["sha256"]])

    def existing() -> int:
        return len(wanted(ExistingPacks, check_packs.sync(client=client, body=check)).existing)

    existing_before = existing()
    body = File(payload=BytesIO(b64decode(pack["base64"])))
    wanted(StoredPack, upload_pack.sync(user.organisation_id, pack["sha256"], client=client, body=body))
    existing_after = existing()

    release = ManifestCreate(
        vendor_id=user.organisation_id,
        product_id=scenario["productId"],
        version=scenario["version"],
        product_hash=scenario["productHash"],
        manifest=Manifest.from_dict(scenario["manifest"]),
    )
    version = wanted(Version, create_manifest.sync(client=client, body=release))
    while version.status == VersionStatus.PROCESSING:
        time.sleep(0.05)
        version = wanted(Version, get_version.sync(version.product_id, version.id, client=client))
    version = wanted(Version, activate_version.sync(version.product_id, version.id, client=client))
    return {
        "userIdStr": user.id_str,
        "userId": str(user.id),
        "organisationId": user.organisation_id,
        "existingBefore": existing_before,
        "existingAfter": existing_after,
        "versionId": version.id,
        "status": version.status.value,
        "active": version.active,
    }


def sell(client: AuthenticatedClient, scenario: dict[str, Any]) -> dict[str, Any]:
    body = DownloadUrlCreate(product_id=scenario["productId"], version=scenario["version"])
    minted = wanted(DownloadUrl, generate_download_url.sync(client=client, body=body))
    archive = wanted(File, get_download_archive.sync(client=client, token=minted.download_token))

    unknown = DownloadUrlCreate(product_id=scenario["unknownProductId"])
    refused = generate_download_url.sync_detailed(client=client, body=unknown)
    return {
        "archiveSha256": hashlib.sha256(archive.payload.read()).hexdigest(),
        "errorStatus": refused.status_code.value,
        "errorFields": wanted(ErrorBody, refused.parsed).error.additional_properties,
    }


def list_all(client: AuthenticatedClient, scenario: dict[str, Any]) -> dict[str, Any]:
    ids: list[str] = []
    pages = 0
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = list_purchases.sync_detailed(client=client, limit=scenario["pageSize"], cursor=cursor)
        ids += [purchase.id for purchase in wanted(list, page.parsed)]
        pages += 1
        cursor = next_cursor(page.headers.get("link", ""))
    return {"purchaseIds": ids, "pages": pages}


def next_cursor(link: str) -> str | None:
    """The cursor of `<…>; rel="next"`."""
    found = re.search(r'<([^>]*)>; rel="next"', link)
    return parse_qs(urlsplit(found[1]).query)["cursor"][0] if found else None


def main() -> None:
    scenario: dict[str, Any] = json.load(sys.stdin)
    with AuthenticatedClient(base_url=scenario["url"], token=scenario["apiKey"]) as client:
        whoami = wanted(WhoamiEnvelope, get_whoami.sync(client=client)).response
        seen = {"email": whoami.email, **publish(client, scenario), **sell(client, scenario)}
        print(json.dumps({**seen, **list_all(client, scenario)}))


main()
