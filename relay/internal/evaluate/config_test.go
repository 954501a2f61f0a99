package evaluate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/evaluate"
	"sortition/wasm/engine/datafile"
)

func TestConfigTellsOfAFlag(t *testing.T) {
	config, err := evaluate.NewConfig(shop(t))
	if err != nil {
		t.Fatal(err)
	}
	title := func(value string) string { return `{"id":"61","key":"title","type":"string","value":"` + value + `"}` }
	const columns, discount = `{"id":"62","key":"columns","type":"integer","value":"3"}`, `{"id":"63","key":"discount","type":"double","value":"no number"}`
	theme := func(value string) string { return `{"id":"64","key":"theme","type":"json","value":"` + value + `"}` }
	variables := func(titled, themed string) string {
		return `{"columns":` + columns + `,"discount":` + discount + `,"theme":` + theme(themed) + `,"title":` + title(titled) + `}`
	}
	experiment := `{"id":"101","key":"shelf_order","audiences":"\"Gold\"","variationsMap":{` +
		`"by_kind":{"id":"1011","key":"by_kind","featureEnabled":true,"variablesMap":` + variables("By kind", `{\"dark\":true}`) + `},` +
		`"by_price":{"id":"1012","key":"by_price","featureEnabled":false,"variablesMap":` + variables("Everything", "{}") + `}}}`
	want := `{"id":"71","key":"shelf","experimentRules":[` + experiment + `],"deliveryRules":[],"variablesMap":` + variables("Everything", "{}") +
		`,"experimentsMap":{"shelf_order":` + experiment + `}}`
	if diff := cmp.Diff(want, text(t, config.FeaturesMap["shelf"])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestConfigSaysWhyThereIsNone(t *testing.T) {
	const project = `{"version":"4","revision":"3","experiments":[{"id":"1","key":"e","audienceConditions":["or"],"variations":[{"id":"2","key":"a","variables":[]}]}],"featureFlags":[]}`
	for name, c := range map[string]struct{ old, with, says string }{
		"conditions that are no list":        {`["or"]`, `{"a":1}`, "the audience conditions are no list"},
		"a variable that no flag has":        {`"variables":[]`, `"variables":[{"id":"9","value":"x"}]`, "variation a sets the variable 9, which no flag has"},
		"a list where there should be a key": {`"key":"a"`, `"key":"a","featureEnabled":"yes"`, "revision 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := evaluate.NewConfig(mustParse(t, strings.Replace(project, c.old, c.with, 1)))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s", err, c.says)
			}
		})
	}
}

// FuzzConfig checks that every datafile that the engine takes has a config that is JSON, or an error.
func FuzzConfig(f *testing.F) {
	f.Add(shop(f).Text)
	f.Fuzz(func(t *testing.T, source string) {
		project, err := datafile.Parse(source)
		if err != nil {
			return
		}
		if config, err := evaluate.NewConfig(project); err == nil {
			text(t, config)
		}
	})
}
