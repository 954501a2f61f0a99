package server_test

import (
	"net/http"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
	"sortition/relay/internal/webhook"
)

func TestWebhook(t *testing.T) {
	const body = `{"timestamp":1463602412,"project_id":1234,"data":{"revision":15},"event":"project.datafile_updated"}`
	t.Run("without secrets", func(t *testing.T) {
		r := MustStart(t, nil)
		checks := []check{
			{"of a project", "POST", "/webhook", body, nil, 200, `{"success":true}`},
			{"at the other address", "POST", "/webhooks/optimizely", body, nil, 200, `{"success":true}`},
			{"of an unknown project", "POST", "/webhook", strings.Replace(body, "1234", "1", 1), nil, 404, `"field":"project_id"`},
			{"of another event", "POST", "/webhook", strings.Replace(body, "updated", "deleted", 1), nil, 400, "project.datafile_deleted"},
			{"not JSON", "POST", "/webhook", "hello", nil, 400, "JSON"},
			{"too large", "POST", "/webhook", body + strings.Repeat(" ", 64<<10), nil, 413, ""},
		}
		for _, c := range checks {
			t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
		}
		// The project that has no datafile yet may be meant by any webhook.
		for _, want := range []string{"demo 15", "sandbox 15", "empty ", "demo 15", "sandbox 15", "empty ", "empty "} {
			if got := <-r.asked; got != want {
				t.Errorf("refetched %s, want %s", got, want)
			}
		}
		if len(r.asked) > 0 {
			t.Errorf("and refetched %s", <-r.asked)
		}
	})
	t.Run("with secrets", func(t *testing.T) {
		r := MustStart(t, func(o *server.Options) { o.WebhookSecrets = []string{"old", "new"} })
		signed := func(secret string) http.Header {
			return header(webhook.SignatureHeader, webhook.Sign(secret, []byte(body)))
		}
		checks := []check{
			{"without a signature", "POST", "/webhook", body, nil, 401, "X-Hub-Signature"},
			{"with another secret's", "POST", "/webhook", body, signed("guess"), 401, "X-Hub-Signature"},
			{"of another body", "POST", "/webhook", body + " ", signed("new"), 401, "X-Hub-Signature"},
			{"nothing is parsed before", "POST", "/webhook", "{", nil, 401, "X-Hub-Signature"},
			{"with the new secret's", "POST", "/webhook", body, signed("new"), 200, "success"},
			{"with the old secret's", "POST", "/webhook", body, signed("old"), 200, "success"},
		}
		for _, c := range checks {
			t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
		}
		if len(r.asked) != 6 {
			t.Errorf("%d refetches", len(r.asked))
		}
	})
}

func TestWebhooksThatAnyoneCanSendAreBounded(t *testing.T) {
	const body = `{"project_id":1234,"data":{"revision":15},"event":"project.datafile_updated"}`
	const many = 100 // at once
	tests := []struct {
		name    string
		secrets []string
		bounded bool
	}{
		{"without secrets", nil, true},
		{"signed ones never are, since one may bring the revision that counts", []string{"S"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := MustStart(t, func(o *server.Options) { o.WebhookSecrets = test.secrets })
			go func() { // takes what is refetched, of which nothing is to be seen here
				for t.Context().Err() == nil {
					select {
					case <-r.asked:
					case <-t.Context().Done():
					}
				}
			}()
			signature := header(webhook.SignatureHeader, webhook.Sign("S", []byte(body)))
			for range many {
				relaytest.MustDo(t, "POST", r.url+"/webhook", strings.Replace(body, "1234", "1", 1), nil) // of nobody here: they are in nobody's way
			}
			refused := 0
			for range many {
				switch response := relaytest.MustDo(t, "POST", r.url+"/webhook", body, signature); response.Status {
				case http.StatusOK:
				case http.StatusTooManyRequests:
					if refused++; response.Header.Get("Retry-After") == "" || !strings.Contains(response.Body, "--webhook-secret") {
						t.Fatalf("refused with %v, %s", response.Header, response.Body)
					}
				default:
					t.Fatalf("answered %d, %s", response.Status, response.Body)
				}
			}
			if taken := many - refused; test.bounded != (taken < many/2) || taken < 20 {
				t.Errorf("of %d webhooks %d were refused", many, refused)
			}
			if counted := r.server.Webhooks()["too-many"]; counted != uint64(refused) {
				t.Errorf("%d were refused, %d counted", refused, counted)
			}
		})
	}
}
