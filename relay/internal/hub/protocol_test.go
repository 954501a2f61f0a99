package hub

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/relaytest"
)

const twin = "../../../public/sdk/relay/protocol.js"

// The lists of this side, in the order of the other.
var (
	messageTypes = []string{typeHello, typeCheck, typeResync, typeCurrent, typeDatafile, typeDelta, typeNotice, typeProblem, typeResults, typeChanges, typeDrain}
	topicNames   = []string{TopicDatafile, TopicResults}
	closeCodes   = []string{
		code("BAD_FRAME", CloseBadFrame), code("UNKNOWN_KEY", CloseUnknownKey), code("NO_HELLO", CloseNoHello),
		code("TOO_MANY", CloseTooMany), code("DRAINING", CloseDraining), code("TOO_SLOW", CloseTooSlow),
	}
	limits = []string{code("HELLO_MS", HelloMs), code("ANSWER_MS", AnswerMs), code("PAGE_FRAME_BYTES", PageFrameBytes)}
)

func code[N ~int](name string, n N) string { return fmt.Sprintf("%s: %d", name, n) }

func named(values []string) []string {
	var lines []string
	for _, v := range values {
		lines = append(lines, fmt.Sprintf("%s: '%s'", strings.ToUpper(v), v))
	}
	return lines
}

func TestTheTwinsAgree(t *testing.T) {
	js := relaytest.MustRead(t, twin)
	for name, want := range map[string][]string{
		"MessageType": named(messageTypes), "Topic": named(topicNames), "CloseCode": closeCodes, "Limit": limits,
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, frozen(t, js, name)); diff != "" {
				t.Errorf("protocol.go and protocol.js differ (-go +js):\n%s", diff)
			}
		})
	}
	t.Run("the version", func(t *testing.T) {
		if want := fmt.Sprintf("export const PROTOCOL = %d;", protocolVersion); !strings.Contains(js, want) {
			t.Errorf("protocol.js has no %q", want)
		}
	})
	t.Run("the first paragraph", func(t *testing.T) {
		if diff := cmp.Diff(paragraph(relaytest.MustRead(t, "protocol.go"), "//"), paragraph(js, " *")); diff != "" {
			t.Errorf("protocol.go and protocol.js open differently (-go +js):\n%s", diff)
		}
	})
}

// frozen returns the `NAME: value` members of an exported frozen object.
func frozen(tb testing.TB, js, name string) []string {
	tb.Helper()
	body := regexp.MustCompile(`(?s)export const ` + name + ` = Object\.freeze\(\{(.*?)\}\);`).FindStringSubmatch(js)
	if body == nil {
		tb.Fatalf("protocol.js exports no %s", name)
	}
	var members []string
	for _, m := range regexp.MustCompile(`(?m)^  ([A-Z_]+: .*),$`).FindAllStringSubmatch(body[1], -1) {
		members = append(members, m[1])
	}
	return members
}

// paragraph returns the comment lines from the one that names the protocol to the first empty one.
func paragraph(text, mark string) []string {
	_, text, _ = strings.Cut(text, mark+" Websocket protocol")
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimRight(line, "\n"), mark))
		if line == "" {
			break
		}
		lines = append(lines, line)
	}
	return lines
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["datafile","results"],"token":"t","notices":true,"changes":true}`))
	f.Add([]byte(`{"type":"check","have":"0123456789abcdef"}`))
	f.Add([]byte(`{"type":"resync"}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := parse(frame)
		if (m == nil) == (err == nil) {
			t.Fatalf("parse gave %v and %v", m, err)
		}
		if m != nil && m.Have != nil && !isHash(*m.Have) {
			t.Fatalf("have %q is no hash", *m.Have)
		}
	})
}
