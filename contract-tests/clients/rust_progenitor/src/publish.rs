use std::{error::Error, time::Duration};

use base64::{prelude::BASE64_STANDARD, Engine};
use continuity_client::types::{ManifestCreate, PackCheck, VersionStatus};

use crate::scenario::Run;

const POLL_EVERY: Duration = Duration::from_millis(100);

impl Run {
    pub async fn sign_in(&mut self) -> Result<(), Box<dyn Error>> {
        let whoami = self.client.get_whoami().send().await?;
        let user = self.client.get_user().send().await?;
        self.seen.email = whoami.response.email.to_string();
        self.seen.user_id = user.response.id.to_string();
        self.seen.user_id_str = user.response.id_str.to_string();
        self.seen.organisation_id = user.response.organisation_id.to_string();
        Ok(())
    }

    pub async fn publish(&mut self) -> Result<(), Box<dyn Error>> {
        self.seen.existing_before = self.existing().await?;
        let pack = &self.scenario.pack;
        self.client
            .upload_pack()
            .vendor_id(self.seen.organisation_id.as_str())
            .sha256(pack.sha256.as_str())
            .body(BASE64_STANDARD.decode(&pack.base64)?)
            .send()
            .await?;
        self.seen.existing_after = self.existing().await?;
        let version_id = self.create_version().await?;
        self.until_ready(&version_id).await?;
        let active = self
            .client
            .activate_version()
            .product_id(self.scenario.product_id.as_str())
            .version_id(version_id.as_str())
            .send()
            .await?;
        self.seen.version_id = active.id.to_string();
        self.seen.status = active.status.to_string();
        self.seen.active = active.active;
        Ok(())
    }

    async fn existing(&self) -> Result<usize, Box<dyn Error>> {
        let asked = PackCheck::builder().vendor_id(self.seen.organisation_id.as_str()).pack_hashes(vec![self
            .scenario
            .pack
            .sha256
            .parse()?]);
        Ok(self.client.check_packs().body(asked).send().await?.existing.len())
    }

    async fn create_version(&self) -> Result<String, Box<dyn Error>> {
        let scenario = &self.scenario;
        let version = ManifestCreate::builder()
            .vendor_id(self.seen.organisation_id.as_str())
            .product_id(scenario.product_id.as_str())
            .version(scenario.version.as_str())
            .product_hash(scenario.product_hash.as_str())
            .manifest(scenario.manifest.clone());
        Ok(self.client.create_manifest().body(version).send().await?.id.to_string())
    }

    async fn until_ready(&self, version_id: &str) -> Result<(), Box<dyn Error>> {
        loop {
            let asked = self.client.get_version().product_id(self.scenario.product_id.as_str()).version_id(version_id);
            if asked.send().await?.status != VersionStatus::Processing {
                return Ok(());
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
    }
}
