package main

import (
	"fmt"

	"integrators.example/client/continuity"
)

// Scenario is what the program is told.
type Scenario struct {
	URL       string `json:"url"`
	APIKey    string `json:"apiKey"`
	ProductID string `json:"productId"`
	Version   string `json:"version"`
	Pack      struct {
		Sha256 string `json:"sha256"`
		// Bytes are base64 in JSON.
		Bytes []byte `json:"base64"`
	} `json:"pack"`
	Manifest         continuity.Manifest `json:"manifest"`
	ProductHash      string              `json:"productHash"`
	UnknownProductID string              `json:"unknownProductId"`
	PageSize         int32               `json:"pageSize"`
}

// Result is what it saw.
type Result struct {
	Email          string                 `json:"email"`
	UserIDStr      string                 `json:"userIdStr"`
	UserID         string                 `json:"userId"`
	OrganisationID string                 `json:"organisationId"`
	ExistingBefore int                    `json:"existingBefore"`
	ExistingAfter  int                    `json:"existingAfter"`
	VersionID      string                 `json:"versionId"`
	Status         string                 `json:"status"`
	Active         bool                   `json:"active"`
	ArchiveSha256  string                 `json:"archiveSha256"`
	ErrorStatus    int                    `json:"errorStatus"`
	ErrorFields    continuity.ErrorFields `json:"errorFields"`
	PurchaseIDs    []string               `json:"purchaseIds"`
	Pages          int                    `json:"pages"`
}

type run struct {
	Scenario
	client *continuity.ClientWithResponses
	seen   Result
}

// answered is what every generated answer is.
type answered interface {
	Status() string
}

// body answers the success that was parsed, or says what came in its place.
func body[T any](parsed *T, answer answered) (*T, error) {
	if parsed == nil {
		return nil, fmt.Errorf("%T: %s", answer, answer.Status())
	}
	return parsed, nil
}
