package hub

import (
	"encoding/json"
	"time"

	"github.com/gorilla/websocket"
)

// CloseCode is why the hub closed a connection. The codes and their meaning are a contract with every page: a page decides
// by the code alone whether and when it connects again.
type CloseCode int

const (
	// CloseBadFrame: a frame that is not of the protocol. The page must not reconnect: it would send the same again.
	CloseBadFrame CloseCode = 4400
	// CloseUnknownKey: no such sdkKey, or a token that does not open it. The page must not reconnect.
	CloseUnknownKey CloseCode = 4404
	// CloseNoHello: no hello in time. The page reconnects with backoff.
	CloseNoHello CloseCode = 4408
	// CloseTooMany: the hub holds as many connections as it may. The page reconnects after retryAfterMs of the reason.
	CloseTooMany CloseCode = 4429
	// CloseDraining: the relay is stopping. The page reconnects after a random part of retryAfterMs of the reason.
	CloseDraining CloseCode = 4503
	// CloseTooSlow: a write did not finish in time. The page reconnects with backoff. A peer that does not read cannot read
	// this either, so the page mostly sees 1006.
	CloseTooSlow CloseCode = 4508
	// CloseTooBig is the standard code for a frame over the read limit.
	CloseTooBig CloseCode = 1009
)

// closing is a close frame to be: as an error, it ends a conversation.
type closing struct {
	code   CloseCode
	reason string
}

func (c *closing) Error() string { return c.reason }

// frame is the close frame. A reason has at most 123 bytes.
func (c *closing) frame() *frame {
	return control(websocket.CloseMessage, websocket.FormatCloseMessage(int(c.code), c.reason))
}

// retryAfter gives the reason of the codes that say when to come back.
func retryAfter(d time.Duration) string {
	reason, _ := json.Marshal(struct {
		RetryAfterMs int64 `json:"retryAfterMs"`
	}{d.Milliseconds()})
	return string(reason)
}
