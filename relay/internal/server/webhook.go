package server

import (
	"net/http"

	"sortition/relay/internal/webhook"
)

// webhookBytes bounds a webhook's body; Optimizely's have some 300 bytes.
const webhookBytes = 64 << 10

// postWebhook checks who sent a webhook, then what it says, and has the projects it names refetched. The answer does not
// wait for that: Optimizely gives up on a slow receiver.
func (s *Server) postWebhook(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r, webhookBytes)
	if !ok {
		return
	}
	signature := r.Header.Get(webhook.SignatureHeader)
	if len(s.o.WebhookSecrets) > 0 && !webhook.Verify(s.o.WebhookSecrets, signature, []byte(body)) {
		fail(w, http.StatusUnauthorized, webhook.SignatureHeader+" is missing, or does not match this body")
		return
	}
	update, err := webhook.Parse([]byte(body))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	refetched := s.refetch(update)
	s.o.Logger.Info("webhook", "projectId", update.ProjectID, "revision", update.Revision, "projects", refetched)
	if refetched == 0 {
		answer(w, http.StatusNotFound, problem{"no datafile here has this project_id", "project_id"})
		return
	}
	answer(w, http.StatusOK, map[string]bool{"success": true})
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
