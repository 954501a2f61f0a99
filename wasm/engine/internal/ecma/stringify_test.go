package ecma

import "testing"

func TestJSONIsWrittenAsJavaScriptDoes(t *testing.T) {
	for source, want := range map[string]string{
		"":                                 "undefined",
		"null":                             "null",
		" true ":                           "true",
		`"a"`:                              `"a"`,
		`["or", "1", ["not","2"] ]`:        `["or","1",["not","2"]]`,
		"{ \"a\" :\t[ ],\n\"b\" : { } }":   `{"a":[],"b":{}}`,
		`{"a":1.50,"a":-0,"b":[1e400]}`:    `{"a":1.5,"a":0,"b":[null]}`,
		`"\u0041\/\u00e9\ud800\u000A"`:     `"A/é\ud800\n"`,
		`["[", "{,", ":\"", "]"]`:          `["[","{,",":\"","]"]`,
		`[false,null , 12345678901234567]`: `[false,null,12345678901234568]`,
	} {
		if got := string(AppendStringified(nil, source)); got != want {
			t.Errorf("%s is written %s, want %s", source, got, want)
		}
	}
}
