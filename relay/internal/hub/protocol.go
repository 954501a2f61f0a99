package hub

// Websocket protocol 1, spoken between a page and its relay on /v1/stream. The page's first frame is a hello; the relay
// answers with the newest datafile, or with a note that the page already has it, and from then on pushes what is newer.
// Only the newest datafile matters: a page that was away says which hash it has, and gets the difference from that (a delta)
// where the relay still knows it, else the whole. A page that cannot use a delta asks for the whole. Two datafiles are the
// same when their hashes are (xxHash64 of the bytes, 16 hex digits), never because their revisions are.
//
// Its twin is public/sdk/relay/protocol.js: same names, same order; a test here compares the two.

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// protocolVersion is the version a hello must ask for.
const protocolVersion = 1

// What a frame is, told by its type. Frames of datafiles and deltas are binary: one line of JSON that ends with \n, then the
// datafile's or the delta's bytes. All others are text.
const (
	typeHello    = "hello"
	typeCheck    = "check"
	typeResync   = "resync"
	typeCurrent  = "current"
	typeDatafile = "datafile"
	typeDelta    = "delta"
	typeNotice   = "notice"
	typeProblem  = "problem"
	typeResults  = "results"
	typeChanges  = "changes"
	typeDrain    = "drain"
)

// What a hello subscribes to; none named means the datafile.
const (
	TopicDatafile = "datafile"
	TopicResults  = "results"
)

// Bounds both sides keep to, in the protocol's units.
const (
	// HelloMs is how soon after the handshake a hello must arrive.
	HelloMs = 5000
	// AnswerMs is how long a page that asked with check waits before it reconnects.
	AnswerMs = 5000
	// PageFrameBytes is the largest frame a page may send, inflated.
	PageFrameBytes = 64 << 10
)

// message is any frame a page sends; which fields count depends on the type.
type message struct {
	Type     string   `json:"type"`
	Protocol int      `json:"protocol"`
	SDKKey   string   `json:"sdkKey"`
	Have     *string  `json:"have"`
	Topics   []string `json:"topics"`
	Token    string   `json:"token"`
	Notices  bool     `json:"notices"` // of a hello: the page fetches by itself what a notice tells of
	Changes  bool     `json:"changes"` // of a hello: the page puts changes into the results that it has
}

// parse decodes one frame of a page. Unknown members are ignored, so that a newer page may say more; everything else that
// is not of the protocol ends the conversation.
func parse(frame []byte) (*message, error) {
	m := new(message)
	if err := json.Unmarshal(frame, m); err != nil {
		return nil, badFrame("a frame must be a JSON object of the protocol")
	}
	if m.Have != nil && !isHash(*m.Have) {
		return nil, badFrame("have must be a hash of 16 hex digits, or null")
	}
	switch m.Type {
	case typeHello, typeCheck, typeResync:
		return m, nil
	}
	return nil, badFrame("type must be one of hello, check, resync")
}

// checkHello says what is wrong with a hello, if anything.
func (m *message) checkHello() error {
	switch {
	case m.Type != typeHello:
		return badFrame("the first frame must be a hello")
	case m.Protocol != protocolVersion:
		return badFrame(fmt.Sprintf("this relay speaks protocol %d", protocolVersion))
	case m.SDKKey == "":
		return badFrame("hello needs an sdkKey")
	}
	for _, topic := range m.Topics {
		if topic != TopicDatafile && topic != TopicResults {
			return badFrame("topics are datafile and results")
		}
	}
	return nil
}

// wants tells whether a hello subscribes to a topic.
func (m *message) wants(topic string) bool {
	if len(m.Topics) == 0 {
		return topic == TopicDatafile
	}
	return slices.Contains(m.Topics, topic)
}

// has is the hash of the datafile that the page has, "" when it has none or wants the whole.
func (m *message) has() string {
	if m.Have == nil || m.Type == typeResync {
		return ""
	}
	return *m.Have
}

func badFrame(reason string) error { return &closing{CloseBadFrame, reason} }

func isHash(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 16
}

// header is the text of current, and the first line of datafile and delta.
type header struct {
	Type     string `json:"type"`
	Revision string `json:"revision"`
	Hash     string `json:"hash"`
	From     string `json:"from,omitempty"` // of a delta: the hash of the datafile it starts from
}

func currentText(u Update) []byte {
	text, _ := json.Marshal(header{typeCurrent, u.Revision, u.Hash, ""})
	return text
}

func datafileBinary(u Update) []byte {
	return headed(header{typeDatafile, u.Revision, u.Hash, ""}, u.Datafile)
}

func deltaBinary(u Update, from string, delta []byte) []byte {
	return headed(header{typeDelta, u.Revision, u.Hash, from}, delta)
}

// noticeText tells where the datafile is to be had, and over how much time those who are told should spread.
func noticeText(u Update, url string, spread time.Duration) []byte {
	text, _ := json.Marshal(struct {
		header
		URL      string `json:"url"`
		SpreadMs int64  `json:"spreadMs"`
	}{header{typeNotice, u.Revision, u.Hash, ""}, url, spread.Milliseconds()})
	return text
}

func headed(h header, payload []byte) []byte {
	line, _ := json.Marshal(h)
	message := make([]byte, 0, len(line)+1+len(payload))
	message = append(message, line...)
	message = append(message, '\n')
	return append(message, payload...)
}

func problemText(sentence string) []byte {
	problem := struct {
		Type  string  `json:"type"`
		Error *string `json:"error"`
	}{Type: typeProblem}
	if sentence != "" {
		problem.Error = &sentence
	}
	text, _ := json.Marshal(problem)
	return text
}

// resultsText is the object that GET /v1/results answers, with a type.
func resultsText(s *standing) []byte {
	text := resultsHead(typeResults, s)
	for i, e := range s.Experiments {
		text = appendExperiment(comma(text, i > 0), e)
	}
	return append(text, "]}"...)
}

// changesText has the experiments that are not what they were at an earlier standing, whole, but of those of which only the counts of
// their health are not what they were, these.
func changesText(s *standing, since uint64) []byte {
	text, count := resultsHead(typeChanges, s), 0
	for i, e := range s.Experiments {
		if s.dates[i].numbers > since {
			text = appendExperiment(comma(text, count > 0), e)
			count++
		}
	}
	text, count = append(text, `],"health":{`...), 0
	for i, e := range s.Experiments {
		if s.dates[i].numbers <= since && s.dates[i].counts > since {
			text = append(appendText(comma(text, count > 0), e.ID), ":{"...)
			text = append(append(text, e.Counts...), '}')
			count++
		}
	}
	return append(text, "}}"...)
}

// resultsHead begins a frame of results, up to its experiments.
func resultsHead(kind string, s *standing) []byte {
	text := appendText([]byte(`{"type":"`+kind+`","sdkKey":`), s.sdkKey)
	return append(appendText(append(text, `,"revision":`...), s.Revision), `,"experiments":[`...)
}

func appendExperiment(text []byte, e Experiment) []byte {
	return append(append(append(text, e.Numbers...), e.Counts...), "}}"...)
}

// appendText appends a JSON string.
func appendText(text []byte, s string) []byte {
	quoted, _ := json.Marshal(s)
	return append(text, quoted...)
}

func comma(text []byte, wanted bool) []byte {
	if wanted {
		return append(text, ',')
	}
	return text
}

func drainText(retryAfter time.Duration) []byte {
	text, _ := json.Marshal(struct {
		Type         string `json:"type"`
		RetryAfterMs int64  `json:"retryAfterMs"`
	}{typeDrain, retryAfter.Milliseconds()})
	return text
}
