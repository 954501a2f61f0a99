package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"sortition/relay/internal/webhook"
)

// webhookCommand sends a sample webhook.
type webhookCommand struct {
	URL       webURL   `default:"http://localhost:8080/webhook" placeholder:"URL" help:"Where the relay takes webhooks."`
	ProjectID string   `name:"project-id" default:"20410805626" placeholder:"ID" help:"The projectId whose datafile has changed; the default is the demo's."`
	Revision  revision `default:"1" placeholder:"N" help:"The revision that is announced; the relay asks its source until it is there."`
	Secret    []string `name:"webhook-secret" aliases:"secret" placeholder:"SECRET" help:"Sign with this secret, or the first of several. Default: the relay's, of the environment variable RELAY_WEBHOOK_SECRET or of --config, else none."`
}

// Run posts the body in Optimizely's form and prints the relay's answer.
func (c *webhookCommand) Run(e environment) error {
	body, err := c.body()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(e.ctx, 10*time.Second)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, string(c.URL), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if len(c.Secret) > 0 {
		request.Header.Set(webhook.SignatureHeader, webhook.Sign(c.Secret[0], body))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("send the webhook: %w", err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s: %s", c.URL, response.Status, bytes.TrimSpace(answer))
	}
	fmt.Fprintf(e.stdout, "%s answered %s: %s\n", c.URL, response.Status, bytes.TrimSpace(answer))
	return nil
}

// body is what https://docs.developers.optimizely.com, "Configure a webhook", shows.
func (c *webhookCommand) body() ([]byte, error) {
	id := json.Number(c.ProjectID)
	body, err := json.Marshal(map[string]any{
		"timestamp":  time.Now().Unix(),
		"project_id": id,
		"event":      webhook.EventDatafileUpdated,
		"data": map[string]any{
			"revision":   c.Revision,
			"origin_url": "https://optimizely.s3.amazonaws.com/json/" + c.ProjectID + ".json",
			"cdn_url":    "https://cdn.optimizely.com/json/" + c.ProjectID + ".json",
		},
	})
	if err != nil {
		return nil, fmt.Errorf("--project-id is %q; a number is allowed", c.ProjectID)
	}
	return body, nil
}
