package server

import (
	"net/http"
	"sync/atomic"
	"time"

	"sortition/relay/internal/webhook"
)

// webhookBytes bounds a webhook's body; Optimizely's have some 300 bytes.
const webhookBytes = 64 << 10

// Webhooks that are not signed are taken this often for a project: each has its source asked, and perhaps a large datafile read. What a
// refused one would have brought, the next that is taken brings, or the next poll.
const (
	webhooksBurst     = 20
	webhooksPerSecond = 4
)

// postWebhook checks who sent a webhook, then what it says, and has the projects it names refetched. The answer does not
// wait for that: Optimizely gives up on a slow receiver.
func (s *Server) postWebhook(w http.ResponseWriter, r *http.Request) {
	body, release, ok := s.readBody(w, r, webhookBytes)
	if !ok {
		s.webhooks.unreadable.Add(1)
		return
	}
	defer release()
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
	refetched, refused := s.refetch(update)
	if refused > 0 && refetched == 0 {
		s.webhooks.tooMany.Add(1)
		retryLater(w, http.StatusTooManyRequests, time.Second, "there are too many webhooks; signed ones are always taken (--webhook-secret)")
		return
	}
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
type webhooks struct{ accepted, unsigned, unreadable, unknown, tooMany atomic.Uint64 }

// Webhooks returns how many webhooks came since the start, by what became of them.
func (s *Server) Webhooks() map[string]uint64 {
	return map[string]uint64{
		"accepted":        s.webhooks.accepted.Load(),
		"bad-signature":   s.webhooks.unsigned.Load(),
		"bad-body":        s.webhooks.unreadable.Load(),
		"unknown-project": s.webhooks.unknown.Load(),
		"too-many":        s.webhooks.tooMany.Load(),
	}
}

// refetch has every project refetched whose datafile bears the projectId, and tells how many those are, and how many more it refused since
// there are too many. One that has no datafile yet may be meant as well: it is asked for too.
func (s *Server) refetch(update webhook.Update) (named, refused int) {
	for _, state := range s.o.Datafiles.States() {
		isNamed := state.Datafile != nil && state.Datafile.ProjectID == update.ProjectID
		switch {
		case state.Datafile != nil && !isNamed:
		case !s.mayRefetch(state.SDKKey):
			if isNamed {
				refused++
			}
		case isNamed:
			s.o.Datafiles.Refetch(state.SDKKey, update.Revision)
			named++
		default:
			s.o.Datafiles.Refetch(state.SDKKey, "")
		}
	}
	return named, refused
}

// mayRefetch tells whether a webhook may have a project refetched. One that is signed always may: it is Optimizely's.
func (s *Server) mayRefetch(sdkKey string) bool {
	return len(s.o.WebhookSecrets) > 0 || s.refetches[sdkKey].Allow()
}
