package datafile

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"sortition/wasm/engine/enginetest"
)

// What changes from one datafile to the next, each edit somewhere else: the law is that nobody can tell from a project whether an
// earlier one was there when it was opened.
var edits = map[string]func(r *rand.Rand, project map[string]any, other map[string]any){
	"nothing": func(*rand.Rand, map[string]any, map[string]any) {},
	"a rule's status": func(r *rand.Rand, project, _ map[string]any) {
		anyOf(r, rulesOf(anyOf(r, project["rollouts"].([]any))))["status"] = "Paused"
	},
	"a variation's key": func(r *rand.Rand, project, _ map[string]any) {
		anyOf(r, anyOf(r, project["experiments"].([]any))["variations"].([]any))["key"] = "a \"new\" key"
	},
	"an experiment that becomes a feature rollout": func(r *rand.Rand, project, _ map[string]any) {
		anyOf(r, project["experiments"].([]any))["type"] = "fr"
	},
	"audiences that mention another attribute": func(r *rand.Rand, project, _ map[string]any) {
		anyOf(r, project["typedAudiences"].([]any))["conditions"] = []any{"or", map[string]any{
			"type": "custom_attribute", "name": "shoe size", "match": "gt", "value": r.IntN(50),
		}}
	},
	"an attribute that is gone": func(_ *rand.Rand, project, _ map[string]any) {
		project["attributes"] = project["attributes"].([]any)[1:]
	},
	"an audience that becomes a legacy one": func(r *rand.Rand, project, _ map[string]any) {
		typed := project["typedAudiences"].([]any)
		project["audiences"] = append(project["audiences"].([]any), map[string]any{"id": "77", "conditions": `["or",{"name":"plan","type":"custom_attribute","value":"gold"}]`}, typed[r.IntN(len(typed))])
		for _, a := range project["audiences"].([]any) {
			legacy := a.(map[string]any)
			if _, isText := legacy["conditions"].(string); !isText {
				text, _ := json.Marshal(legacy["conditions"])
				legacy["conditions"] = string(text)
			}
		}
	},
	"an experiment that moves into a group": func(r *rand.Rand, project, _ map[string]any) {
		all := project["experiments"].([]any)
		moved := r.IntN(len(all))
		group := anyOf(r, project["groups"].([]any))
		group["experiments"] = append(group["experiments"].([]any), all[moved])
		project["experiments"] = slices.Delete(all, moved, moved+1)
	},
	"a holdout": func(r *rand.Rand, project, other map[string]any) {
		held := anyOf(r, other["experiments"].([]any))
		held["includedRules"] = []any{anyOf(r, project["experiments"].([]any))["id"]}
		project["localHoldouts"] = []any{held}
		project["holdouts"] = []any{anyOf(r, other["experiments"].([]any))}
	},
	"flags that change places": func(r *rand.Rand, project, _ map[string]any) {
		flags := project["featureFlags"].([]any)
		r.Shuffle(len(flags), reflect.Swapper(flags))
	},
	"a flag and its rollout that are gone": func(r *rand.Rand, project, _ map[string]any) {
		at := r.IntN(len(project["featureFlags"].([]any)))
		project["featureFlags"] = slices.Delete(project["featureFlags"].([]any), at, at+1)
		project["rollouts"] = slices.Delete(project["rollouts"].([]any), at, at+1)
	},
	"experiments of another project in front": func(_ *rand.Rand, project, other map[string]any) {
		project["experiments"] = append(slices.Clone(other["experiments"].([]any)), project["experiments"].([]any)...)
	},
	"another project": func(_ *rand.Rand, project, other map[string]any) {
		for name := range project {
			project[name] = other[name]
		}
	},
}

// someEntities are enough to move about in.
var someEntities = enginetest.Size{Flags: 30, Experiments: 15, Groups: 2, Audiences: 12, Padding: 3}

func TestAProjectOpenedAfterAnEarlierOneIsTheSameAsAlone(t *testing.T) {
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(4) {
				r := rand.New(rand.NewPCG(seed, 1))
				text := enginetest.NewGenerator(seed).Datafile(someEntities)
				earlier := mustOpen(t, text, nil)
				for step := range 3 {
					loadSome(r, earlier)
					text = edited(t, text, func(project, other map[string]any) {
						project["revision"] = string(rune('a' + step))
						edit(r, project, other)
					})
					buffer := []byte(text)
					project := mustOpen(t, unsafe.String(&buffer[0], len(buffer)), earlier)
					requireSame(t, project, text)
					earlier = mustOpen(t, unsafe.String(&buffer[0], len(buffer)), earlier)
					next := mustOpen(t, text, earlier)
					clear(buffer) // the earlier text may go
					requireSame(t, next, text)
					earlier = mustOpen(t, text, next)
				}
			}
		})
	}
}

func FuzzOpenAfterAnEarlierOne(f *testing.F) {
	f.Add(`{"version":"4","revision":"1","experiments":[{"id":"1","key":"e"},{"id":"2","variations":[{"id":"3","key":"\n"}]}]}`,
		`{"version":"4","revision":"2","experiments":[{"id":"2","variations":[{"id":"3","key":"\n"}]},{"id":"1","key":"e"}]}`)
	f.Add(`{"version":"4","revision":"1","featureFlags":[{"id":"1","key":"f","variables":[]}],"audiences":[{"id":"1","conditions":"[]"}]}`,
		`{"version":"4","revision":"1","typedAudiences":[{"id":"1","conditions":"[]"}],"featureFlags":[],"featureFlags":[{"id":"1","key":"f","variables":[]}}`)
	f.Add(`{"version":"4","revision":"1","experiments":[5]}`, `{"version":"4","revision":"1","experiments":[57]}`)
	f.Fuzz(func(t *testing.T, before, text string) {
		earlier, err := Open(before, nil)
		if err != nil {
			t.Skip()
		}
		_, want := Open(text, nil)
		got, err := Open(text, earlier)
		if (err == nil) != (want == nil) || err != nil && err.Error() != want.Error() {
			t.Fatalf("after %s: error %v, want %v", before, err, want)
		}
		if err == nil {
			requireSame(t, got, text)
		}
	})
}

// A rule's texts are moved as a row of texts.
func TestTheTextsOfEntitiesLieBehindEachOther(t *testing.T) {
	for _, c := range []struct {
		entity      reflect.Type
		first, last string
	}{
		{reflect.TypeFor[Experiment](), "ID", "source"},
		{reflect.TypeFor[Variation](), "ID", "source"},
		{reflect.TypeFor[Flag](), "ID", "variables"},
		{reflect.TypeFor[namedAudience](), "id", "conditions"},
	} {
		first, _ := c.entity.FieldByName(c.first)
		last, _ := c.entity.FieldByName(c.last)
		for i := first.Index[0]; i <= last.Index[0]; i++ {
			if field := c.entity.Field(i); field.Type.Kind() != reflect.String {
				t.Errorf("%s.%s is no text", c.entity.Name(), field.Name)
			}
		}
	}
}

func requireSame(t *testing.T, got *Project, text string) {
	t.Helper()
	want := mustOpen(t, text, nil)
	for _, p := range []*Project{got, want} {
		p.Load()
		p.experimentByKey.Name, p.experimentByID.Name, p.variationByID.Name = nil, nil, nil // functions are never equal
		p.eventByKey.Name, p.flagByKey.Name, p.rolloutByID.Name, p.audiences.Name = nil, nil, nil, nil
		for _, a := range p.audiences.Entries {
			a.isOld = false
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("opened after an earlier one it is not what it is alone: %.300s…", text)
	}
}

// loadSome loads what a page might have decided by now.
func loadSome(r *rand.Rand, p *Project) {
	for range 5 {
		p.LoadFlag(p.Flags[r.IntN(len(p.Flags))])
	}
}

func edited(t *testing.T, text string, edit func(project, other map[string]any)) string {
	t.Helper()
	var project, other map[string]any
	if err := json.Unmarshal([]byte(text), &project); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(enginetest.NewGenerator(99).Datafile(someEntities)), &other); err != nil {
		t.Fatal(err)
	}
	edit(project, other)
	newer, err := json.Marshal(project)
	if err != nil {
		t.Fatal(err)
	}
	return string(newer)
}

func mustOpen(t *testing.T, text string, earlier *Project) *Project {
	t.Helper()
	p, err := Open(text, earlier)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rulesOf(rollout map[string]any) []any { return rollout["experiments"].([]any) }

func anyOf(r *rand.Rand, all []any) map[string]any { return all[r.IntN(len(all))].(map[string]any) }
