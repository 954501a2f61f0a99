package evaluate_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"sortition/relay/internal/evaluate"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const gold = `{"userId":"Matt","userAttributes":{"plan":"gold"}}`

func shop(tb testing.TB) *datafile.Project {
	tb.Helper()
	text, err := os.ReadFile("testdata/shop.json")
	if err != nil {
		tb.Fatal(err)
	}
	return mustParse(tb, string(text))
}

// checkAnswer checks an answer, and of which rules impressions are sent.
func checkAnswer(t *testing.T, answer any, events string, err error, want, sends string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, text(t, answer)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := strings.Join(ruleKeys(t, events), ","); got != sends {
		t.Errorf("impressions of %q, want %q", got, sends)
	}
}

func TestDecide(t *testing.T) {
	const of = `,"userContext":{"userId":"Matt","attributes":{"plan":"gold"}},"reasons":[]`
	const shelf = `{"variationKey":"by_kind","enabled":true,"ruleKey":"shelf_order","flagKey":"shelf"` + of +
		`,"variables":{"title":"By kind","columns":3,"discount":null,"theme":{"dark":true}},"isEveryoneElseVariation":false}`
	const banner = `{"variationKey":"on","enabled":true,"ruleKey":"gold_banner","flagKey":"banner"` + of + `,"isEveryoneElseVariation":false}`
	const unused = `{"variationKey":"","enabled":false,"ruleKey":"","flagKey":"unused"` + of + `,"isEveryoneElseVariation":false}`
	for name, c := range map[string]struct {
		body, keys string
		want       string
		sends      string // rule keys of the impressions
	}{
		"one key gives an object":           {gold, "shelf", shelf, "shelf_order"},
		"a delivery sends no impression":    {gold, "banner", banner, ""},
		"several keys give an array":        {gold, "banner,shelf,banner", "[" + banner + "," + shelf + "]", "shelf_order"},
		"no key gives every flag":           {gold, "", "[" + shelf + "," + banner + "," + unused + "]", "shelf_order"},
		"no attributes are an empty object": {`{"userId":"Matt"}`, "unused", strings.Replace(unused, `{"plan":"gold"}`, "{}", 1), ""},
		"an unknown flag is a decision with a reason": {gold, "shelves",
			`{"variationKey":"","enabled":false,"ruleKey":"","flagKey":"shelves","userContext":{"userId":"Matt","attributes":{"plan":"gold"}},` +
				`"reasons":["No flag was found for key \"shelves\"."],"isEveryoneElseVariation":false}`, ""},
		"everyone else is told so": {`{"userId":"Matt"}`, "banner", `{"variationKey":"off","enabled":false,"ruleKey":"default-81","flagKey":"banner",` +
			`"userContext":{"userId":"Matt","attributes":{}},"reasons":[],"isEveryoneElseVariation":true}`, ""},
		"events may be switched off":         {withGold(`"decideOptions":["DISABLE_DECISION_EVENT"]`), "shelf", shelf, ""},
		"flags that are off may be left out": {withGold(`"decideOptions":["ENABLED_FLAGS_ONLY","EXCLUDE_VARIABLES"]`), "", "[" + withoutVariables(shelf) + "," + banner + "]", "shelf_order"},
		"reasons are told when asked for": {withGold(`"decideOptions":["INCLUDE_REASONS"]`), "unused",
			strings.Replace(unused, `"reasons":[]`, `"reasons":["Feature unused is not attached to any experiments.","There is no rollout of feature unused.","User Matt is not in rollout of feature unused."]`, 1), ""},
		"a flag may be forced": {withGold(`"forcedDecisions":[{"flagKey":"shelf","variationKey":"by_price"}]`), "shelf",
			`{"variationKey":"by_price","enabled":false,"ruleKey":"","flagKey":"shelf"` + of + `,"variables":{"title":"Everything","columns":3,"discount":null,"theme":{}},"isEveryoneElseVariation":false}`, ""},
		"a rule may be forced": {withGold(`"forcedDecisions":[{"flagKey":"shelf","ruleKey":"shelf_order","variationKey":"by_price"}]`), "shelf",
			`{"variationKey":"by_price","enabled":false,"ruleKey":"shelf_order","flagKey":"shelf"` + of + `,"variables":{"title":"Everything","columns":3,"discount":null,"theme":{}},"isEveryoneElseVariation":false}`, "shelf_order"},
	} {
		t.Run(name, func(t *testing.T) {
			var keys []string
			if c.keys != "" {
				keys = strings.Split(c.keys, ",")
			}
			answer, events, err := evaluate.Decide(shop(t), c.body, keys)
			checkAnswer(t, answer, events, err, c.want, c.sends)
		})
	}
}

func TestActivate(t *testing.T) {
	const sort = `{"userId":"Matt","experimentKey":"item_sort","featureKey":"","variationKey":"price","type":"experiment","enabled":true}`
	const order = `{"userId":"Matt","experimentKey":"shelf_order","featureKey":"","variationKey":"by_kind","type":"experiment","enabled":true}`
	const nobody = `{"userId":"Matt","experimentKey":"nobody","featureKey":"","variationKey":"","type":"experiment","enabled":false}`
	const shelf = `{"userId":"Matt","experimentKey":"shelf_order","featureKey":"shelf","variationKey":"by_kind","type":"feature",` +
		`"variables":{"title":"By kind","columns":3,"discount":null,"theme":{"dark":true}},"enabled":true}`
	const banner = `{"userId":"Matt","experimentKey":"","featureKey":"banner","variationKey":"","type":"feature","enabled":true}`
	const unused = `{"userId":"Matt","experimentKey":"","featureKey":"unused","variationKey":"","type":"feature","enabled":false}`
	for name, c := range map[string]struct{ query, want, sends string }{
		"nothing named is nothing activated":  {"", "[]", ""},
		"an experiment":                       {"experimentKey=item_sort", "[" + sort + "]", "item_sort"},
		"an experiment that nobody is in":     {"experimentKey=nobody", "[" + nobody + "]", ""},
		"a flag tells its experiment":         {"featureKey=shelf", "[" + shelf + "]", "shelf_order"},
		"a flag's delivery is not told":       {"featureKey=banner", "[" + banner + "]", ""},
		"all experiments":                     {"type=experiment", "[" + order + "," + sort + "," + nobody + "]", "shelf_order,item_sort"},
		"all flags, without impressions":      {"type=feature&disableTracking=true", "[" + shelf + "," + banner + "," + unused + "]", ""},
		"what is enabled of all":              {"type=feature&type=experiment&enabled=true&experimentKey=item_sort", "[" + order + "," + sort + "," + shelf + "," + banner + "]", "shelf_order,item_sort,shelf_order"},
		"what is not":                         {"type=feature&enabled=false", "[" + unused + "]", "shelf_order"},
		"an unknown experiment has its error": {"experimentKey=sort", `[{"userId":"Matt","experimentKey":"sort","featureKey":"","variationKey":"","type":"","enabled":false,"error":"experimentKey not found"}]`, ""},
		"a delivery rule is no experiment":    {"experimentKey=gold_banner", `[{"userId":"Matt","experimentKey":"gold_banner","featureKey":"","variationKey":"","type":"","enabled":false,"error":"experimentKey not found"}]`, ""},
		"an unknown flag has its error":       {"featureKey=shelves", `[{"userId":"Matt","experimentKey":"","featureKey":"shelves","variationKey":"","type":"","enabled":false,"error":"featureKey not found"}]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			query, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			answer, events, err := evaluate.Activate(shop(t), gold, query)
			checkAnswer(t, answer, events, err, c.want, c.sends)
		})
	}
}

func TestTrackSendsTheOfficialConversion(t *testing.T) {
	body := `{"userId":"Matt","userAttributes":{"plan":"gold","age":30,"unknown":1},"eventTags":{"value":1.5,"revenue":4200,"kind":"socks","sizes":[7]}}`
	answer, events, err := evaluate.Track(shop(t), body, "checkout")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := text(t, answer), `{"userId":"Matt","eventKey":"checkout"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	batch := mustDecode(t, events)
	sent := batch.Visitors[0].Snapshots[0].Events[0]
	if len(sent.UUID) != 36 || sent.Timestamp == 0 {
		t.Errorf("uuid %q, timestamp %d", sent.UUID, sent.Timestamp)
	}
	events = strings.NewReplacer(sent.UUID, "UUID", sent.Raw[strings.Index(sent.Raw, `"timestamp":`):strings.Index(sent.Raw, `,"uuid"`)], `"timestamp":1`).Replace(events)
	want := `{"client_name":"sortition-relay","client_version":"0.1.0","account_id":"1001","project_id":"2002","revision":"12","anonymize_ip":true,"enrich_decisions":true,` +
		`"visitors":[{"snapshots":[{"events":[{"entity_id":"51","key":"checkout","timestamp":1,"uuid":"UUID",` +
		`"tags":{"value":1.5,"revenue":4200,"kind":"socks","sizes":[7]},"value":1.5,"revenue":4200}]}],"visitor_id":"Matt","attributes":[` +
		`{"entity_id":"31","key":"plan","type":"custom","value":"gold"},{"entity_id":"32","key":"age","type":"custom","value":30},` +
		`{"entity_id":"$opt_bot_filtering","key":"$opt_bot_filtering","type":"custom","value":false}]}]}`
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTrackTellsOfAnUnknownEventAndSendsNothing(t *testing.T) {
	answer, events, err := evaluate.Track(shop(t), gold, "bought")
	if err != nil || events != "" {
		t.Fatal(events, err)
	}
	if got, want := text(t, answer), `{"userId":"Matt","eventKey":"bought","error":"event with key \"bought\" not found"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAgentSaysWhatIsWrongWithARequest(t *testing.T) {
	decide := func(body string) error { _, _, err := evaluate.Decide(shop(t), body, nil); return err }
	activate := func(body string) error { _, _, err := evaluate.Activate(shop(t), body, nil); return err }
	track := func(body string) error { _, _, err := evaluate.Track(shop(t), body, "checkout"); return err }
	const undefinedUser = `invalid "userId" in request payload: "undefined" is the text of an id that was never set`
	for name, c := range map[string]struct {
		ask             func(body string) error
		body            string
		field, sentence string
	}{
		"no body":                         {decide, "", "userId", `missing "userId" in request payload`},
		"no user":                         {activate, `{"userAttributes":{}}`, "userId", `missing "userId" in request payload`},
		"an empty user":                   {track, `{"userId":""}`, "userId", `missing "userId" in request payload`},
		"an undefined user decides":       {decide, `{"userId":"undefined"}`, "userId", undefinedUser},
		"an undefined user activates":     {activate, `{"userId":"undefined"}`, "userId", undefinedUser},
		"an undefined user tracks":        {track, `{"userId":"undefined"}`, "userId", undefinedUser},
		"a user that is a number":         {decide, `{"userId":7}`, "userId", "error parsing request body: userId must be a string, not number"},
		"attributes that are a list":      {track, `{"userId":"u","userAttributes":[]}`, "userAttributes", "error parsing request body: userAttributes must be an object, not array"},
		"tags that are text":              {track, `{"userId":"u","eventTags":"x"}`, "eventTags", "error parsing request body: eventTags must be an object, not string"},
		"options that are text":           {decide, `{"userId":"u","decideOptions":"x"}`, "decideOptions", "error parsing request body: decideOptions must be an array, not string"},
		"an option that is a number":      {decide, `{"userId":"u","decideOptions":[1]}`, "decideOptions", "error parsing request body: decideOptions must be a string, not number"},
		"an unknown option":               {decide, `{"userId":"u","decideOptions":["INCLUDE_REASONS","FASTER"]}`, "decideOptions[1]", "invalid option: FASTER"},
		"a forced decision that is text":  {decide, `{"userId":"u","forcedDecisions":["x"]}`, "forcedDecisions", "error parsing request body: forcedDecisions must be an object, not string"},
		"segments, which nobody asks for": {decide, `{"userId":"u","fetchSegments":true}`, "fetchSegments", "failed to fetch qualified segments: this relay asks no data platform; leave fetchSegments out"},
		"a forced flag that is a number":  {decide, `{"userId":"u","forcedDecisions":[{"flagKey":7}]}`, "forcedDecisions.flagKey", "error parsing request body: forcedDecisions.flagKey must be a string, not number"},
		"segments by a word":              {decide, `{"userId":"u","fetchSegments":"yes"}`, "fetchSegments", "error parsing request body: fetchSegments must be true or false, not string"},
		"a list":                          {decide, `[]`, "", "error parsing request body: line 1, column 1: must be an object"},
		"half an attribute":               {decide, `{"userId":"u","userAttributes":{"plan":}}`, "", "error parsing request body: line 1, column 40 (userAttributes.plan): expected a value"},
		"half a body":                     {decide, `{"userId":`, "", "error parsing request body: line 1, column 11 (userId): the text ends too early: expected a value"},
		"no UTF-8":                        {decide, "{\"userId\":\"\xff\"}", "", "error parsing request body: it is not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			var invalid *evaluate.FieldError
			if err := c.ask(c.body); !errors.As(err, &invalid) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(evaluate.FieldError{Field: c.field, Sentence: c.sentence}, *invalid); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("an unknown type", func(t *testing.T) {
		_, _, err := evaluate.Activate(shop(t), gold, url.Values{"type": {"flag"}})
		if err == nil || err.Error() != `type "flag" not supported` {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no event", func(t *testing.T) {
		_, _, err := evaluate.Track(shop(t), gold, "")
		if err == nil || err.Error() != "missing required path parameter: eventKey" {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnAnswerRepeatsItsVisitorWithinBounds(t *testing.T) {
	const keys = 1000
	named := make([]string, keys)
	for i := range named {
		named[i] = strconv.Itoa(i)
	}
	of := func(bytes int) string { return `{"userId":"` + strings.Repeat("u", bytes-13) + `"}` }
	for name, ask := range map[string]func(body string, keys []string) (answer any, events string, err error){
		"decide": func(body string, keys []string) (any, string, error) { return evaluate.Decide(shop(t), body, keys) },
		"activate": func(body string, keys []string) (any, string, error) {
			return evaluate.Activate(shop(t), body, url.Values{"experimentKey": keys[1:], "featureKey": keys[:1]})
		},
	} {
		t.Run(name, func(t *testing.T) {
			const most = 8 << 20 / keys
			if _, _, err := ask(of(most), named); err != nil {
				t.Error(err)
			}
			const sentence = "the answer would repeat this visitor 1000 times; ask for fewer keys at once"
			if _, _, err := ask(of(most+1), named); err == nil || err.Error() != sentence {
				t.Errorf("got %v", err)
			}
			if _, _, err := ask(of(most+1), slices.Concat(named[:keys/2], named[:keys/2])); err != nil {
				t.Errorf("keys that are named twice: %v", err)
			}
		})
	}
}

func TestReasonsRepeatTheirVisitorWithinBounds(t *testing.T) {
	for name, test := range map[string]struct {
		id     int // its length
		option string
		fails  bool
	}{
		"a short id with reasons":   {40, "INCLUDE_REASONS", false},
		"a long id without reasons": {60_000, "EXCLUDE_VARIABLES", false},
		"a long id with reasons":    {60_000, "INCLUDE_REASONS", true},
	} {
		t.Run(name, func(t *testing.T) {
			body := fmt.Sprintf(`{"userId":%q,"decideOptions":[%q]}`, strings.Repeat("u", test.id), test.option)
			_, _, err := evaluate.Decide(telling(t, 130), body, nil)
			if fails := err != nil && strings.Contains(err.Error(), "reasons repeat this visitor's id"); fails != test.fails || err != nil && !fails {
				t.Errorf("got %v", err)
			}
		})
	}
}

// telling is a datafile of so many flags, for each of which an impression is sent.
func telling(tb testing.TB, flags int) *datafile.Project {
	tb.Helper()
	listed := make([]string, flags)
	for i := range listed {
		listed[i] = fmt.Sprintf(`{"id":"%d","key":"flag_%d","rolloutId":"","experimentIds":[],"variables":[]}`, i, i)
	}
	return mustParse(tb, `{"version":"4","revision":"1","accountId":"1","projectId":"2","sendFlagDecisions":true,"attributes":[],"audiences":[],`+
		`"events":[],"experiments":[],"groups":[],"rollouts":[],"featureFlags":[`+strings.Join(listed, ",")+`]}`)
}

func TestDecisionsHaveAsManyImpressionsAsABatchHolds(t *testing.T) {
	const sentence = "the decisions have more than 10000 impressions; ask for fewer keys at once, or without impressions"
	for name, ask := range map[string]func(project *datafile.Project, untold bool) (answer any, events string, err error){
		"decide": func(project *datafile.Project, untold bool) (any, string, error) {
			body := `{"userId":"Matt"}`
			if untold {
				body = `{"userId":"Matt","decideOptions":["DISABLE_DECISION_EVENT"]}`
			}
			return evaluate.Decide(project, body, nil)
		},
		"activate": func(project *datafile.Project, untold bool) (any, string, error) {
			query := url.Values{"type": {"feature"}, "disableTracking": {strconv.FormatBool(untold)}}
			return evaluate.Activate(project, `{"userId":"Matt"}`, query)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, events, err := ask(telling(t, 10_000), false); err != nil || len(ruleKeys(t, events)) != 10_000 {
				t.Errorf("of 10 000: %v, %d bytes", err, len(events))
			}
			if _, _, err := ask(telling(t, 10_001), false); err == nil || err.Error() != sentence {
				t.Errorf("of 10 001: %v", err)
			}
			if _, events, err := ask(telling(t, 10_001), true); err != nil || events != "" {
				t.Errorf("of 10 001 without impressions: %v, %d bytes", err, len(events))
			}
		})
	}
}

// FuzzAgent checks that whatever is asked has an answer that is JSON and events that the relay takes, or else a sentence.
func FuzzAgent(f *testing.F) {
	for _, body := range []string{"", "{}", gold, withGold(`"decideOptions":["INCLUDE_REASONS"]`), withGold(`"eventTags":{"revenue":1e400,"a":{"b":[null]}}`),
		withGold(`"forcedDecisions":[{"flagKey":"shelf"}]`), `{"userId":"\ud800","userAttributes":{"plan":null,"age":1e308,"$opt_bucketing_id":""}}`} {
		f.Add(body)
	}
	project := shop(f)
	f.Fuzz(func(t *testing.T, body string) {
		decided, impressions, err := evaluate.Decide(project, body, nil)
		check(t, decided, impressions, err)
		activated, activations, err := evaluate.Activate(project, body, url.Values{"type": {"feature", "experiment"}})
		check(t, activated, activations, err)
		tracked, conversion, err := evaluate.Track(project, body, "checkout")
		check(t, tracked, conversion, err)
	})
}

func check(t *testing.T, answer any, events string, err error) {
	t.Helper()
	var invalid *evaluate.FieldError
	switch {
	case err == nil:
		text(t, answer)
		if events != "" {
			mustDecode(t, events)
		}
	case !errors.As(err, &invalid) || invalid.Sentence == "" || events != "":
		t.Errorf("%v, with the events %s", err, events)
	}
}

// withGold is the body of a gold member with further members.
func withGold(members string) string { return strings.TrimSuffix(gold, "}") + "," + members + "}" }

func withoutVariables(decision string) string {
	from, to := strings.Index(decision, `,"variables"`), strings.Index(decision, `,"isEveryone`)
	return decision[:from] + decision[to:]
}

func text(t testing.TB, answer any) string {
	t.Helper()
	if a, ok := answer.(evaluate.Answer); ok {
		var written strings.Builder
		w := bufio.NewWriter(&written)
		a.WriteJSON(w)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		return written.String()
	}
	written, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

func mustDecode(t *testing.T, events string) *event.Batch {
	t.Helper()
	batch, err := event.Decode(events)
	if err != nil {
		t.Fatalf("%v in %s", err, events)
	}
	return batch
}

// ruleKeys are those of a batch's impressions.
func ruleKeys(t *testing.T, events string) (keys []string) {
	t.Helper()
	if events == "" {
		return nil
	}
	for _, v := range mustDecode(t, events).Visitors {
		keys = append(keys, v.Snapshots[0].Decisions[0].Metadata.RuleKey)
	}
	return keys
}
