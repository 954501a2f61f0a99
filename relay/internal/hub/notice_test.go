package hub_test

import (
	"testing"
	"time"

	"sortition/relay/internal/hub"
)

func TestPagesThatCanAreToldWhereTheDatafileIs(t *testing.T) {
	h, url := MustServe(t, hub.Options{
		NoticeSpread: 3 * time.Second,
		NoticeURL: func(sdkKey, hash string) string {
			if sdkKey != "demo" {
				return ""
			}
			return "https://cdn.example/" + sdkKey + "/" + hash
		},
	})
	h.Publish(revision(1, hashOne))
	other := revision(1, hashOne)
	other.SDKKey = "other"
	h.Publish(other)

	const (
		able    = `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"notices":true}`
		whole   = "binary {\"type\":\"datafile\",\"revision\":\"1\",\"hash\":\"" + hashOne + "\"}\n{\"revision\":\"1\"}"
		noticed = `text {"type":"notice","revision":"1","hash":"` + hashOne + `","url":"https://cdn.example/demo/` + hashOne + `","spreadMs":3000}`
		current = `text {"type":"current","revision":"1","hash":"` + hashOne + `"}`
	)
	page := MustDial(t, url)
	for _, step := range []struct{ what, say, hears string }{
		{"a page that can", able, noticed},
		{"the same, when it has it", `{"type":"check","have":"` + hashOne + `"}`, current},
		{"the same, when it has something else", `{"type":"check","have":"` + hashTwo + `"}`, noticed},
		{"the same, when it could not fetch it", `{"type":"resync"}`, whole},
		{"the same, after that", `{"type":"check","have":null}`, noticed},
	} {
		MustSay(t, page, step.say)
		if got := MustHear(t, page); got != step.hears {
			t.Errorf("%s hears %q, want %q", step.what, got, step.hears)
		}
	}
	unable := MustDial(t, url)
	MustSay(t, unable, hello("null"))
	if got := MustHear(t, unable); got != whole {
		t.Errorf("a page that cannot hears %q", got)
	}
	elsewhere := MustDial(t, url)
	MustSay(t, elsewhere, `{"type":"hello","protocol":1,"sdkKey":"other","have":null,"notices":true}`)
	if got := MustHear(t, elsewhere); got != whole {
		t.Errorf("a page of a project without notices hears %q", got)
	}
}
