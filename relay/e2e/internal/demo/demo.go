// Package demo changes the demo's experiment from outside, as an experimenter at Optimizely would.
package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// File is the demo's datafile as it is committed, seen from relay/e2e.
const File = "../../public/demo/datafile.json"

// Datafile is the demo's datafile with a revision of its own and all visitors in one variation.
func Datafile(revision, variation string) (string, error) {
	text, err := os.ReadFile(File)
	if err != nil {
		return "", err
	}
	var project map[string]any
	if err := json.Unmarshal(text, &project); err != nil {
		return "", fmt.Errorf("reading %s: %w", File, err)
	}
	project["revision"] = revision
	experiment := project["experiments"].([]any)[0].(map[string]any)
	for _, v := range experiment["variations"].([]any) {
		if v := v.(map[string]any); v["key"] == variation {
			experiment["trafficAllocation"] = []any{map[string]any{"entityId": v["id"], "endOfRange": 10_000}}
		}
	}
	changed, err := json.MarshalIndent(project, "", "  ")
	return string(changed), err
}

// SendWebhook posts Optimizely's payload to the relay and returns the answer's status. An empty secret sends no
// signature.
func SendWebhook(ctx context.Context, relayURL, revision, secret string) (status int, err error) {
	body := fmt.Sprintf(`{"timestamp":1463602412,"project_id":20410805626,"data":{"cdn_url":"https://cdn.optimizely.com/`+
		`json/20410805626.json","origin_url":"https://optimizely.s3.amazonaws.com/json/20410805626.json","revision":%s},`+
		`"event":"project.datafile_updated"}`, revision)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, relayURL+"/webhooks/optimizely", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if secret != "" {
		mac := hmac.New(sha1.New, []byte(secret))
		mac.Write([]byte(body))
		request.Header.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(mac.Sum(nil)))
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
