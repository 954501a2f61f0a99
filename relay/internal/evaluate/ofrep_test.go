package evaluate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/evaluate"
)

const goldContext = `{"context":{"targetingKey":"Matt","plan":"gold"}}`

// What the shop's flags say to Matt, who is a gold member.
const (
	byRule = `"variant":"by_kind","reason":"SPLIT","metadata":{"ruleKey":"shelf_order","experimentId":"101","variationId":"1011"}`
	onRule = `"variant":"on","reason":"TARGETING_MATCH","metadata":{"ruleKey":"gold_banner","experimentId":"801","variationId":"8011"}`
)

func TestFlag(t *testing.T) {
	for name, c := range map[string]struct{ body, key, want, sends string }{
		"a flag is whether it is on":             {goldContext, "shelf", `{"key":"shelf","value":true,` + byRule + `}`, "shelf_order"},
		"a text variable":                        {goldContext, "shelf.title", `{"key":"shelf.title","value":"By kind",` + byRule + `}`, "shelf_order"},
		"a number":                               {goldContext, "shelf.columns", `{"key":"shelf.columns","value":3,` + byRule + `}`, "shelf_order"},
		"an object":                              {goldContext, "shelf.theme", `{"key":"shelf.theme","value":{"dark":true},` + byRule + `}`, "shelf_order"},
		"text that is no number has no value":    {goldContext, "shelf.discount", `{"key":"shelf.discount",` + byRule + `}`, "shelf_order"},
		"all variables":                          {goldContext, "shelf.*", `{"key":"shelf.*","value":{"title":"By kind","columns":3,"discount":null,"theme":{"dark":true}},` + byRule + `}`, "shelf_order"},
		"a targeted delivery":                    {goldContext, "banner", `{"key":"banner","value":true,` + onRule + `}`, ""},
		"the delivery to everyone else":          {`{"context":{"targetingKey":"u"}}`, "banner", `{"key":"banner","value":false,"variant":"off","reason":"DISABLED","metadata":{"ruleKey":"default-81","experimentId":"default-81","variationId":"8021"}}`, ""},
		"a flag without rules is off":            {goldContext, "unused", `{"key":"unused","value":false,"reason":"DEFAULT","metadata":{}}`, ""},
		"an experiment is its variation's key":   {goldContext, "item_sort", `{"key":"item_sort","value":"price","variant":"price","reason":"SPLIT","metadata":{"ruleKey":"item_sort","experimentId":"102","variationId":"1021"}}`, "item_sort"},
		"outside of one the application decides": {goldContext, "nobody", `{"key":"nobody","reason":"DEFAULT","metadata":{}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			answer, events := evaluate.Flag(shop(t), c.body, c.key)
			if diff := cmp.Diff(c.want, text(t, answer)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got := strings.Join(ruleKeys(t, events), ","); got != c.sends {
				t.Errorf("impressions of %q, want %q", got, c.sends)
			}
		})
	}
}

func TestFlags(t *testing.T) {
	answer, problem := evaluate.Flags(shop(t), goldContext)
	if problem != nil {
		t.Fatal(problem)
	}
	keys := []string{}
	for _, one := range answer.Flags {
		keys = append(keys, one.Key)
		single, _ := evaluate.Flag(shop(t), goldContext, one.Key)
		if diff := cmp.Diff(single, one); diff != "" {
			t.Errorf("%s differs from its single evaluation (-single +bulk):\n%s", one.Key, diff)
		}
	}
	want := "shelf shelf.* shelf.title shelf.columns shelf.discount shelf.theme banner unused item_sort nobody"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("got the keys %s, want %s", got, want)
	}
	if got := text(t, answer); !strings.HasSuffix(got, `"metadata":{"revision":"12"}}`) {
		t.Error(got)
	}
}

func TestOFREPSaysWhatIsWrongWithARequest(t *testing.T) {
	for name, c := range map[string]struct{ body, key, code, details string }{
		"no body":                    {"", "shelf", evaluate.CodeParse, "error parsing request body: line 1, column 1: the text ends too early: must be an object"},
		"half a body":                {`{"context":{`, "shelf", evaluate.CodeParse, "error parsing request body: line 1, column 13 (context): the text ends too early: expected a member's name in quotes"},
		"a list":                     {`[]`, "shelf", evaluate.CodeParse, "error parsing request body: line 1, column 1: must be an object"},
		"no context":                 {`{}`, "shelf", evaluate.CodeTargetingKeyMissing, "context.targetingKey is missing: the visitor's id"},
		"a context that is null":     {`{"context":null}`, "shelf", evaluate.CodeTargetingKeyMissing, "context.targetingKey is missing: the visitor's id"},
		"a context that is text":     {`{"context":"Matt"}`, "shelf", evaluate.CodeInvalidContext, "error parsing request body: context must be an object, not string"},
		"no targeting key":           {`{"context":{"plan":"gold"}}`, "shelf", evaluate.CodeTargetingKeyMissing, "context.targetingKey is missing: the visitor's id"},
		"an empty targeting key":     {`{"context":{"targetingKey":""}}`, "shelf", evaluate.CodeTargetingKeyMissing, "context.targetingKey is missing: the visitor's id"},
		"an undefined targeting key": {`{"context":{"targetingKey":"undefined"}}`, "shelf", evaluate.CodeInvalidContext, `context.targetingKey: "undefined" is the text of an id that was never set`},
		"a targeting key that is 7":  {`{"context":{"targetingKey":7}}`, "shelf", evaluate.CodeInvalidContext, "error parsing request body: targetingKey must be a string, not number"},
		"an unknown flag":            {goldContext, "shelves", evaluate.CodeFlagNotFound, `revision 12 of the datafile has no flag or experiment "shelves", and no flag with such a variable`},
		"an unknown flag's variable": {goldContext, "shelves.title", evaluate.CodeFlagNotFound, `revision 12 of the datafile has no flag or experiment "shelves.title", and no flag with such a variable`},
		"an unknown variable":        {goldContext, "shelf.rows", evaluate.CodeFlagNotFound, `revision 12 of the datafile has no flag or experiment "shelf.rows", and no flag with such a variable`},
		"a delivery rule":            {goldContext, "gold_banner", evaluate.CodeFlagNotFound, `revision 12 of the datafile has no flag or experiment "gold_banner", and no flag with such a variable`},
	} {
		t.Run(name, func(t *testing.T) {
			answer, events := evaluate.Flag(shop(t), c.body, c.key)
			if diff := cmp.Diff(evaluate.Evaluation{Key: c.key, ErrorCode: c.code, ErrorDetails: c.details}, answer); diff != "" || events != "" {
				t.Errorf("events %q, -want +got:\n%s", events, diff)
			}
			if c.code == evaluate.CodeFlagNotFound {
				return
			}
			_, problem := evaluate.Flags(shop(t), c.body)
			if diff := cmp.Diff(&evaluate.Evaluation{ErrorCode: c.code, ErrorDetails: c.details}, problem); diff != "" {
				t.Errorf("in bulk (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFlagThatTheDatafileBreaksHasAnErrorOfItsOwn(t *testing.T) {
	project := mustParse(t, `{"version":"4","revision":"1","featureFlags":[{"id":"1","key":"broken","variables":[{"id":"2","key":"a","type":"string","defaultValue":""}]}]}`)
	answer, problem := evaluate.Flags(project, goldContext)
	if problem != nil {
		t.Fatal(problem)
	}
	for _, one := range answer.Flags {
		if one.ErrorCode != evaluate.CodeGeneral || one.ErrorDetails != "the datafile gives the flag broken no list of experiments" {
			t.Errorf("%+v", one)
		}
	}
}

// FuzzOFREP checks that whatever is asked has an answer that is JSON, with a value, a reason or an error, and events that the
// relay takes.
func FuzzOFREP(f *testing.F) {
	for _, body := range []string{"", "{}", goldContext, `{"context":{"targetingKey":7}}`, `{"context":{"targetingKey":"\ud800","a":[1e308],"plan":null}}`} {
		for _, key := range []string{"shelf", "shelf.*", "item_sort", ".", "shelf.", ""} {
			f.Add(body, key)
		}
	}
	project := shop(f)
	f.Fuzz(func(t *testing.T, body, key string) {
		one, events := evaluate.Flag(project, body, key)
		check(t, one, events, nil)
		if (one.Reason == "") == (one.ErrorCode == "") || one.ErrorCode != "" && events != "" {
			t.Errorf("%+v with the events %s", one, events)
		}
		all, problem := evaluate.Flags(project, body)
		if (all == nil) == (problem == nil) {
			t.Errorf("%v and %v", all, problem)
		}
		check(t, all, "", nil)
	})
}
