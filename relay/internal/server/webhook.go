package server

import (
	"net/http"
	"sync/atomic"

	"sortition/relay/internal/webhook"
)

// webhookBytes bounds a webhook's body; Optimizely's have some 300 bytes.
const webhookBytes = 64 << 10

// postWebhook checks who sent a webhook, then what it says, and has the projects it names refetched. The answer does not
// wait for that: Optimizely gives up on a slow receiver.
func (s *Server) postWebhook(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r, webhookBytes)
	if !ok {
		s.webhooks.unreadable.Add(1)
		return
	}
	signature := r.Header.Get(webhook.SignatureHeader)
	if len(s.o.WebhookSecrets) > 0 && !webhook.Verify(s.o.WebhookSecrets, signature, []byte(body)) {
		s.webhooks.unsigned.Add(1)
		fail(w, http.StatusUnauthorized, webhook.SignatureHeader+" is missing, or does not match this body")
		return
	}
	update, err := webhook.Parse([]byte(body))
	if err != nil {
		s.webhooks.unreadable.Add(1)
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	refetched := s.refetch(update)
	s.o.Logger.Info("webhook", "projectId", update.ProjectID, "revision", update.Revision, "projects", refetched)
	if refetched == 0 {
		s.webhooks.unknown.Add(1)
		answer(w, http.StatusNotFound, problem{"no datafile here has this project_id", "project_id"})
		return
	}
	s.webhooks.accepted.Add(1)
	answer(w, http.StatusOK, map[string]bool{"success": true})
}

// webhooks counts what became of webhooks.
type webhooks struct{ accepted, unsigned, unreadable, unknown atomic.Uint64 }

// Webhooks returns how many webhooks came since the start, by what became of them.
func (s *Server) Webhooks() map[string]uint64 {
	return map[string]uint64{
		"accepted":        s.webhooks.accepted.Load(),
		"bad-signature":   s.webhooks.unsigned.Load(),
		"bad-body":        s.webhooks.unreadable.Load(),
		"unknown-project": s.webhooks.unknown.Load(),
	}
}

// refetch has every project refetched whose datafile bears the projectId, and tells how many those are. One that has no
// datafile yet may be meant as well: it is asked for too.
func (s *Server) refetch(update webhook.Update) (named int) {
	for _, state := range s.o.Datafiles.States() {
		switch {
		case state.Datafile == nil:
			s.o.Datafiles.Refetch(state.SDKKey, "")
		case state.Datafile.ProjectID == update.ProjectID:
			s.o.Datafiles.Refetch(state.SDKKey, update.Revision)
			named++
		}
	}
	return named
}
