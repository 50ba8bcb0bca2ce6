package main

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"integrators.example/client/continuity"
)

const pollEvery = 100 * time.Millisecond

func (r *run) signIn(ctx context.Context) error {
	whoami, err := r.client.GetWhoamiWithResponse(ctx, nil)
	if err != nil {
		return err
	}
	named, err := body(whoami.JSON200, whoami)
	if err != nil {
		return err
	}
	answer, err := r.client.GetUserWithResponse(ctx, nil)
	if err != nil {
		return err
	}
	user, err := body(answer.JSON200, answer)
	if err != nil {
		return err
	}
	r.seen.Email = string(named.Response.Email)
	r.seen.UserID = strconv.FormatInt(user.Response.Id, 10)
	r.seen.UserIDStr = user.Response.IdStr
	r.seen.OrganisationID = user.Response.OrganisationId
	return nil
}

func (r *run) publish(ctx context.Context) (err error) {
	if r.seen.ExistingBefore, err = r.existing(ctx); err != nil {
		return err
	}
	pack, err := r.client.UploadPackWithBodyWithResponse(
		ctx, r.seen.OrganisationID, r.Pack.Sha256, "application/octet-stream", bytes.NewReader(r.Pack.Bytes))
	if err != nil {
		return err
	}
	if _, err = body(pack.JSON200, pack); err != nil {
		return err
	}
	if r.seen.ExistingAfter, err = r.existing(ctx); err != nil {
		return err
	}
	answer, err := r.client.CreateManifestWithResponse(ctx, continuity.ManifestCreate{
		VendorId:    r.seen.OrganisationID,
		ProductId:   r.ProductID,
		Version:     r.Version,
		ProductHash: r.ProductHash,
		Manifest:    r.Manifest,
	})
	if err != nil {
		return err
	}
	created, err := body(answer.JSON201, answer)
	if err != nil {
		return err
	}
	if err = r.untilReady(ctx, created.Id); err != nil {
		return err
	}
	activation, err := r.client.ActivateVersionWithResponse(ctx, r.ProductID, created.Id)
	if err != nil {
		return err
	}
	active, err := body(activation.JSON200, activation)
	if err != nil {
		return err
	}
	r.seen.VersionID, r.seen.Status, r.seen.Active = active.Id, string(active.Status), active.Active
	return nil
}

func (r *run) existing(ctx context.Context) (int, error) {
	answer, err := r.client.CheckPacksWithResponse(ctx, continuity.PackCheck{
		VendorId:   r.seen.OrganisationID,
		PackHashes: []string{r.Pack.Sha256},
	})
	if err != nil {
		return 0, err
	}
	packs, err := body(answer.JSON200, answer)
	if err != nil {
		return 0, err
	}
	return len(packs.Existing), nil
}

func (r *run) untilReady(ctx context.Context, versionID string) error {
	for ; ; time.Sleep(pollEvery) {
		answer, err := r.client.GetVersionWithResponse(ctx, r.ProductID, versionID, nil)
		if err != nil {
			return err
		}
		version, err := body(answer.JSON200, answer)
		if err != nil || version.Status != continuity.VersionStatusProcessing {
			return err
		}
	}
}
