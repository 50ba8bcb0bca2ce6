package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"

	"integrators.example/client/continuity"
)

// download streams the archive: the call without `WithResponse` hands out the connection and holds nothing in memory.
func (r *run) download(ctx context.Context) error {
	minted, err := r.mint(ctx, r.ProductID)
	if err != nil {
		return err
	}
	link, err := body(minted.JSON200, minted)
	if err != nil {
		return err
	}
	params := continuity.GetDownloadArchiveParams{Token: link.DownloadToken}
	archive, err := r.client.GetDownloadArchive(ctx, &params)
	if err != nil {
		return err
	}
	defer archive.Body.Close()
	if archive.StatusCode != http.StatusOK {
		return fmt.Errorf("archive: %s", archive.Status)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, archive.Body); err != nil {
		return err
	}
	r.seen.ArchiveSha256 = hex.EncodeToString(hash.Sum(nil))
	return nil
}

func (r *run) refusal(ctx context.Context) error {
	refused, err := r.mint(ctx, r.UnknownProductID)
	if err != nil {
		return err
	}
	unknown, err := body(refused.JSON404, refused)
	if err != nil {
		return err
	}
	r.seen.ErrorStatus = refused.StatusCode()
	r.seen.ErrorFields = unknown.Error
	return nil
}

func (r *run) mint(ctx context.Context, productID string) (*continuity.GenerateDownloadUrlResponse, error) {
	return r.client.GenerateDownloadUrlWithResponse(ctx, nil, continuity.DownloadUrlCreate{
		ProductId: productID,
		Version:   &r.Version,
	})
}

var next = regexp.MustCompile(`<([^>]+)>; *rel="next"`)

func (r *run) list(ctx context.Context) error {
	params := &continuity.ListPurchasesParams{Limit: &r.PageSize}
	for params != nil {
		answer, err := r.client.ListPurchasesWithResponse(ctx, params)
		if err != nil {
			return err
		}
		page, err := body(answer.JSON200, answer)
		if err != nil {
			return err
		}
		for _, purchase := range *page {
			r.seen.PurchaseIDs = append(r.seen.PurchaseIDs, purchase.Id)
		}
		r.seen.Pages++
		params, err = following(answer.Headers200.Link, params.Limit)
		if err != nil {
			return err
		}
	}
	return nil
}

// following answers nil behind the last page.
func following(link *string, limit *int32) (*continuity.ListPurchasesParams, error) {
	if link == nil {
		return nil, nil
	}
	match := next.FindStringSubmatch(*link)
	if match == nil {
		return nil, nil
	}
	address, err := url.Parse(match[1])
	if err != nil {
		return nil, err
	}
	cursor := address.Query().Get("cursor")
	return &continuity.ListPurchasesParams{Limit: limit, Cursor: &cursor}, nil
}
