// The scenario of client.ts on top of the client that oapi-codegen makes.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"integrators.example/client/continuity"
)

func main() {
	if err := answer(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func answer(ctx context.Context) error {
	var scenario Scenario
	if err := json.NewDecoder(os.Stdin).Decode(&scenario); err != nil {
		return err
	}
	client, err := continuity.NewClientWithResponses(scenario.URL, withKey(scenario.APIKey))
	if err != nil {
		return err
	}
	run := &run{Scenario: scenario, client: client}
	for _, step := range []func(context.Context) error{run.signIn, run.publish, run.download, run.refusal, run.list} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(run.seen)
}

func withKey(key string) continuity.ClientOption {
	return continuity.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+key)
		return nil
	})
}
