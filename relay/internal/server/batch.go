package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of one batch; Agent's is the second.
const (
	batchBytes       = 1 << 20
	maxOperations    = 500
	batchAnswerBytes = 32 << 20 // an operation behind so much is not run
)

// operation is a request in a batch.
type operation struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"` // a path of Agent's API
	OperationID string            `json:"operationID"`
	Body        json.RawMessage   `json:"body"`
	Params      map[string]string `json:"params"`
	Headers     map[string]string `json:"headers"`
}

// operations are a batch's. They are decoded up to the bound and no further: of empty ones a body has hundreds of thousands, which would
// take a hundred times its size.
type operations []operation

var errTooMany = fmt.Errorf("a batch may have at most %d operations", maxOperations)

// UnmarshalJSON implements json.Unmarshaler.
func (o *operations) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
		return errors.New("operations must be an array")
	}
	for decoder.More() {
		if len(*o) == maxOperations {
			return errTooMany
		}
		var one operation
		if err := decoder.Decode(&one); err != nil {
			return err
		}
		*o = append(*o, one)
	}
	return nil
}

// operationAnswer is how one of them was answered.
type operationAnswer struct {
	Status      int             `json:"status"`
	RequestID   string          `json:"requestID"`
	OperationID string          `json:"operationID"`
	Method      string          `json:"method"`
	URL         string          `json:"url"`
	Body        json.RawMessage `json:"body"` // null for none
	StartedAt   time.Time       `json:"startedAt"`
	EndedAt     time.Time       `json:"endedAt"`
}

// batchSummary is what the answer to a batch says beside the answers to its operations.
type batchSummary struct {
	StartedAt  time.Time `json:"startedAt"`
	EndedAt    time.Time `json:"endedAt"`
	ErrorCount int       `json:"errorCount"` // answers other than 200
}

// batch answers POST /v1/batch: each operation as api answers it alone, one after the other.
func (s *Server) batch(api http.Handler) http.Handler {
	return s.sameOrigin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !readable(r.Header) {
			fail(w, http.StatusUnsupportedMediaType, "the body is application/json, without an encoding")
			return
		}
		body, release, ok := s.readBody(w, r, batchBytes)
		if !ok {
			return
		}
		defer release()
		var asked struct {
			Operations operations `json:"operations"`
		}
		err := json.Unmarshal([]byte(body), &asked)
		if errors.Is(err, errTooMany) {
			fail(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		if err != nil {
			failField(w, "operations", "cannot decode the operation body: "+err.Error())
			return
		}
		beginJSON(w, http.StatusOK)
		runAll(w, api, r, asked.Operations)
	}))
}

// runAll runs the operations of a batch, but none behind more than batchAnswerBytes of answers. Each answer is written as soon as it
// is there, so that a batch takes no more memory than the largest of its operations.
func runAll(w http.ResponseWriter, api http.Handler, batch *http.Request, operations []operation) {
	summary, size, out := batchSummary{StartedAt: time.Now()}, 0, json.NewEncoder(w) // of a client that is gone we hear nothing here
	_, _ = io.WriteString(w, `{"response":[`)
	for i := range operations {
		if size > batchAnswerBytes {
			api = refused(http.StatusRequestEntityTooLarge, "the answers of a batch are bounded; ask for this in another")
		}
		one := operations[i].run(api, batch, w.Header().Get("X-Request-Id"))
		if one.Status != http.StatusOK {
			summary.ErrorCount++
		}
		size += len(one.Body)
		if i > 0 {
			_, _ = io.WriteString(w, ",")
		}
		_ = out.Encode(one)
	}
	summary.EndedAt = time.Now()
	rest, _ := json.Marshal(summary) // an object of times and a number always has a form in JSON
	_, _ = fmt.Fprintf(w, "],%s\n", rest[1:])
}

// run has api answer an operation as a request of whoever sent the batch. requestID is the batch's, for an operation without its own.
func (o *operation) run(api http.Handler, batch *http.Request, requestID string) operationAnswer {
	a := operationAnswer{RequestID: requestID, OperationID: o.OperationID, Method: o.Method, URL: o.URL, StartedAt: time.Now()}
	collected := collector{header: http.Header{}, status: http.StatusOK}
	if request, err := o.request(batch); err != nil {
		fail(&collected, http.StatusBadRequest, err.Error())
	} else {
		if own := request.Header.Get("X-Request-Id"); own != "" {
			a.RequestID = own
		}
		api.ServeHTTP(&collected, request)
	}
	a.Status, a.Body, a.EndedAt = collected.status, collected.json(), time.Now()
	return a
}

// request is the operation as a request. Of its headers it has those that Agent's API reads; where it comes from is the batch's to say.
func (o *operation) request(batch *http.Request) (*http.Request, error) {
	to, err := url.Parse(o.URL)
	if err != nil || to.Scheme != "" || to.Host != "" {
		return nil, fmt.Errorf("the url of an operation is a path, such as /v1/decide, not %.200q", o.URL)
	}
	query := to.Query()
	for name, value := range o.Params {
		query.Add(name, value)
	}
	to.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(batch.Context(), o.Method, to.String(), strings.NewReader(string(o.Body)))
	if err != nil {
		return nil, fmt.Errorf("an operation that is no request: %w", err)
	}
	request.Host, request.RemoteAddr = batch.Host, batch.RemoteAddr
	for _, name := range []string{"Origin", "Sec-Fetch-Site", "X-Forwarded-For"} {
		request.Header[name] = batch.Header[name]
	}
	for name, value := range o.Headers {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "If-None-Match", "X-Request-Id", sdkKeyHeaders[0], sdkKeyHeaders[1]:
			request.Header.Set(name, value)
		}
	}
	return request, nil
}

// collector is an answer that is kept.
type collector struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *collector) Header() http.Header         { return c.header }
func (c *collector) Write(b []byte) (int, error) { return c.body.Write(b) }
func (c *collector) WriteHeader(status int)      { c.status = status }

// json is the body, as text if it is anything else.
func (c *collector) json() json.RawMessage {
	switch body := bytes.TrimSpace(c.body.Bytes()); {
	case len(body) == 0:
		return json.RawMessage("null")
	case json.Valid(body):
		return body
	default:
		text, _ := json.Marshal(string(body)) // text always has a form in JSON
		return text
	}
}
