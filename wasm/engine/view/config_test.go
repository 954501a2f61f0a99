package view_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/enginetest"
	"sortition/wasm/engine/view"
)

// What the official SDK shows of the same projects, and of made-up ones, is compared with all of this by the SDK's tests
// (public/sdk/optimizely_config.test.js) and by make conformance. Here is what each part of the text is.
func TestConfigShows(t *testing.T) {
	const (
		text    = `{"id":"v","key":"text","type":"string","defaultValue":"d"}`
		shown   = `"text":{"id":"v","key":"text","type":"string","value":"d"}`
		set     = `[{"id":"v","value":"s"}]`
		flag    = `{"id":"f","key":"f","rolloutId":"r","experimentIds":["1"],"variables":[` + text + `]}`
		on      = `{"id":"11","key":"on","featureEnabled":true,"variables":` + set + `}`
		off     = `{"id":"12","key":"off","featureEnabled":false,"variables":` + set + `}`
		shownOn = `"on":{"id":"11","key":"on","featureEnabled":true,"variablesMap":{"text":{"id":"v","key":"text","type":"string","value":"s"}}}`
	)
	for name, c := range map[string]struct{ project, shows string }{
		"keys that are missing or null as empty texts, and no list of attributes as an empty one": {
			`"sdkKey":null,"attributes": null,"featureFlags":[]`,
			`{"sdkKey":"","environmentKey":"","attributes":[],"audiences":[],"revision":7,"experimentsMap":{},"featuresMap":{}}`,
		},
		"what the datafile writes as it is written there": {
			`"attributes":[ {"id":1}],"events":[{"any": 1e2}],"experiments":[{"id":1,"key":"\u0078","variations":[{"id":2.0,"key":"a"}]}],"featureFlags":[]`,
			`[{"id":1,"key":"\u0078","audiences":"","variationsMap":{"a":{"id":2.0,"key":"a","variablesMap":{}}}}],"config":{"sdkKey":"","environmentKey":"",` +
				`"attributes":[ {"id":1}],"audiences":[],"events":[{"any": 1e2}],"revision":7,"experimentsMap":{"\u0078":0}`,
		},
		"typed audiences before the older ones that they do not replace, conditions as JSON.stringify writes them": {
			`"audiences":[{"id":"1","name":"one","conditions":"[\"or\", 1e1]"},{"id":"2","conditions":"[]"},{"id":"$opt_dummy_audience","conditions":"[]"}],` +
				`"typedAudiences":[{"conditions":[ "or" ],"id":"2"}],"featureFlags":[]`,
			`"audiences":[{"id":"2","conditions":"[\"or\"]"},{"id":"1","conditions":"[\"or\",10]","name":"one"}]`,
		},
		"what a variation sets where it switches the flag on, and defaults where it does not": {
			`"experiments":[{"id":"1","key":"x","variations":[` + on + `,` + off + `]}],"featureFlags":[` + flag + `]`,
			`[{"id":"1","key":"x","audiences":"","variationsMap":{` + shownOn + `,"off":{"id":"12","key":"off","featureEnabled":false,"variablesMap":{` + shown + `}}}}]`,
		},
		"what a variation sets in the place of all variables of its flag that have the key": {
			`"experiments":[{"id":"1","key":"x","variations":[` + on + `]}],"featureFlags":[` +
				`{"id":"f","key":"f","experimentIds":["1"],"variables":[` + text + `,{"id":"w","key":"text","type":"string","defaultValue":"w"}]}]`,
			`"variablesMap":{"text":{"id":"v","key":"text","type":"string","value":"s"},"text":{"id":"v","key":"text","type":"string","value":"s"}}}}}]`,
		},
		"a text that holds JSON as json": {
			`"featureFlags":[{"id":"f","key":"f","experimentIds":[],"variables":[{"id":"v","key":"v","type":"string","subType":"json","defaultValue":"{}"}]}]`,
			`"variablesMap":{"v":{"id":"v","key":"v","type":"json","value":"{}"}}`,
		},
		"a text that holds JSON as json, however both are written": {
			`"featureFlags":[{"id":"f","key":"f","experimentIds":[],"variables":[{"id":"v","key":"v","type":"str\u0069ng","subType":"js\u006fn","defaultValue":"{}"}]}]`,
			`"variablesMap":{"v":{"id":"v","key":"v","type":"js\u006fn","value":"{}"}}`,
		},
		"what a variation sets in the place of a variable whose key is written otherwise": {
			`"experiments":[{"id":"1","key":"x","variations":[` + on + `]}],"featureFlags":[` +
				`{"id":"f","key":"f","experimentIds":["1"],"variables":[{"id":"w","key":"t\u0065xt","type":"string","defaultValue":"w"}]},` +
				`{"id":"g","key":"g","experimentIds":[],"variables":[` + text + `]}]`,
			`"variationsMap":{` + shownOn + `}}]`,
		},
		"an experiment once, its place wherever it is shown, and delivery rules with the variables of their flag": {
			`"experiments":[{"id":"1","key":"x","variations":[]}],"rollouts":[{"id":"r","experiments":[{"id":"9","key":"e","variations":[` + on + `]}]}],"featureFlags":[` + flag + `]`,
			`"experimentsMap":{"x":0},"featuresMap":{"f":{"id":"f","key":"f","experimentRules":[0],` +
				`"deliveryRules":[{"id":"9","key":"e","audiences":"","variationsMap":{` + shownOn + `}}],` +
				`"experimentsMap":{"x":0},"variablesMap":{` + shown + `}}}`,
		},
		"a zero however it is written, which JavaScript takes for false": {
			`"experiments":[{"id":"1","key":"x","audienceConditions":-0,"variations":[{"id":"12","key":"v","featureEnabled":0.0,"variables":` + set + `}]}],` +
				`"featureFlags":[` + flag + `]`,
			`"audiences":"","variationsMap":{"v":{"id":"12","key":"v","featureEnabled":0.0,"variablesMap":{` + shown + `}}}`,
		},
		"no experiment that has the id of a delivery rule": {
			`"experiments":[{"id":"1","key":"x","variations":[]}],"rollouts":[{"id":"r","experiments":[{"id":"1","key":"e","variations":[]}]}],"featureFlags":[` + flag + `]`,
			`"experimentsMap":{},"featuresMap":{"f":{"id":"f","key":"f","experimentRules":[-1],"deliveryRules":[{"id":"1","key":"e","audiences":"","variationsMap":{}}],"experimentsMap":{},`,
		},
		"a feature rollout with the variation for everyone else": {
			`"experiments":[{"id":"1","key":"x","type":"fr","variations":[],"trafficAllocation":[]}],"rollouts":[{"id":"r","experiments":[{"id":"9","key":"e","variations":[{"id":"91","key":"all"}]}]}],"featureFlags":[` + flag + `]`,
			`[{"id":"1","key":"x","audiences":"","variationsMap":{"all":{"id":"91","key":"all","variablesMap":{` + shown + `}}}}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := view.Config(mustParse(t, `{"version":"4","revision":7,`+c.project+`}`))
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(config) || !strings.Contains(string(config), c.shows) {
				t.Errorf("got %s\nwant %s", config, c.shows)
			}
		})
	}
}

func TestConfigPutsAudiencesIntoTheOfficialWords(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).Words.Cases {
		t.Run(string(c.Conditions), func(t *testing.T) {
			text, err := view.Config(mustParse(t, `{"version":"4","revision":"1","audiences":[{"id":"10","name":"legacy","conditions":"[\"or\"]"}],`+
				`"typedAudiences":[{"id":"11","name":"us","conditions":["or"]},{"id":"12","name":"female","conditions":["or"]}],`+
				`"experiments":[{"id":"1","key":"e","audienceConditions":`+string(c.Conditions)+`,"variations":[]}],"featureFlags":[]}`))
			if err != nil {
				t.Fatal(err)
			}
			var config struct {
				Experiments []struct{ Audiences string }
			}
			if err := json.Unmarshal(text, &config); err != nil {
				t.Fatal(err)
			}
			if got := config.Experiments[0].Audiences; got != c.Expected {
				t.Errorf("got %s, want %s", got, c.Expected)
			}
		})
	}
}

func TestConfigSaysWhyThereIsNone(t *testing.T) {
	for name, c := range map[string]struct{ project, says string }{
		"conditions that are no list": {
			`"experiments":[{"id":"1","key":"x","audienceConditions":{"a":1},"variations":[]}],"featureFlags":[]`, "the audience conditions are no list",
		},
		"conditions within others that begin with not": {
			`"experiments":[{"id":"1","key":"x","audienceConditions":[["not","gone"]],"variations":[]}],"featureFlags":[]`, "the audience gone is not in the datafile",
		},
		"a variable that no flag has": {
			`"experiments":[{"id":"1","key":"x","variations":[{"key":"a","variables":[{"id":"9"}]}]}],"featureFlags":[]`, "variation a sets the variable 9, which no flag has",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustParse(t, `{"version":"4","revision":"1",`+c.project+`}`)
			if _, err := view.Config(p); err == nil || err.Error() != c.says {
				t.Errorf("got %v, want %s", err, c.says)
			}
			if got, want := string(view.ConfigAnswer(p)), `{"problem":"`+c.says+`","warnings":[]}`; got != want {
				t.Errorf("a page gets %s, want %s", got, want)
			}
		})
	}
}

func TestOnlyAPageMissesLists(t *testing.T) {
	for name, c := range map[string]struct{ project, says string }{
		"of flags":                {`"featureFlags":null`, "the datafile has no list of featureFlags"},
		"of a flag's experiments": {`"featureFlags":[{"id":"1","key":"f","variables":[]}]`, "the flag f has no list of experimentIds"},
		"of a rule's variations":  {`"experiments":[{"id":"1","key":"x"}],"featureFlags":[]`, "the experiment x has no list of variations"},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustParse(t, `{"version":"4","revision":"1",`+c.project+`}`)
			if _, err := view.Config(p); err != nil {
				t.Error(err)
			}
			if got, want := string(view.ConfigAnswer(p)), `{"problem":"`+c.says+`","warnings":[]}`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestEachFurtherExperimentWithAKeyIsTold(t *testing.T) {
	const experiments = `{"id":"1","key":"a","variations":[]},{"id":"2","key":"b","variations":[]},{"id":"3","key":"a","variations":[]},{"id":"4","key":"a","variations":[]}`
	answer := string(view.ConfigAnswer(mustParse(t, `{"version":"4","revision":"1","experiments":[`+experiments+`],"featureFlags":[]}`)))
	if !strings.HasSuffix(answer, `,"warnings":["Duplicate experiment keys found in datafile: a","Duplicate experiment keys found in datafile: a"]}`) {
		t.Errorf("got %s", answer)
	}
}

// FuzzView checks that every datafile that the engine takes has a config that is JSON, or an error, whether all of it was read before
// or none, and that its entities are JSON.
func FuzzView(f *testing.F) {
	for _, c := range enginetest.MustVectors(f).Decisions.Cases[:20] {
		f.Add(string(c.Datafile))
	}
	f.Add(`{"version":"4","revision":"1","experiments":[{"id":1,"type":"fr","audienceConditions":["not",[]],"variations":[0],"trafficAllocation":[]}],"rollouts":[{"id":0,"experiments":[{"id":2,"variations":[[]]}]}],` +
		`"featureFlags":[{"rolloutId":0,"experimentIds":[1,2],"variables":[{},1]}],"audiences":[{"conditions":0}],"typedAudiences":[[]]}`)
	f.Fuzz(func(t *testing.T, source string) {
		read, err := datafile.Parse(source)
		if err != nil {
			return
		}
		unread, err := datafile.Open(source, nil)
		if err != nil {
			t.Fatal(err)
		}
		config, err := view.Config(read)
		if err == nil && !json.Valid(config) {
			t.Errorf("%s\nis no JSON", config)
		}
		if again, err := view.Config(unread); string(config) != string(again) {
			t.Errorf("got %s and %s, %v", config, again, err)
		}
		checkEntities(t, read)
		if answer := view.ConfigAnswer(read); !json.Valid(answer) {
			t.Errorf("%s\nis no JSON", answer)
		}
	})
}

func mustParse(tb testing.TB, text string) *datafile.Project {
	tb.Helper()
	p, err := datafile.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
