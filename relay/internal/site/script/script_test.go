package script

import (
	"strings"
	"testing"
)

func TestAScriptMeansTheSameButIsSmaller(t *testing.T) {
	tests := map[string]struct{ script, want string }{
		"names within functions":      {"export const f = (first, second) => first + second;", "export const f=(e,t)=>e+t"},
		"undefined":                   {"export const f = (a) => a === undefined;", "void 0"},
		"void":                        {"export const f = (a) => g(void 0, a);", "void 0"},
		"the first of a list":         {"export const f = (list0) => list0[0];", "[0]"},
		"a name with an underscore":   {"export const f = $0[0] + a.b0[0];", "$0[0]+a.b0[0]"},
		"what is imported when asked": {"export const f = () => import('./late.js');", `import("./late.js")`},
		"a hint to the compiler":      {CompileAtOnce + "export const f = 1; // one", CompileAtOnce + "export const f=1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			script := []byte(test.script)
			got, err := Minify(script)
			if err != nil || !strings.Contains(string(got), test.want) || len(got) > len(test.script) {
				t.Errorf("%s, error %v", got, err)
			}
			if string(script) != test.script {
				t.Errorf("the script itself became %s", script)
			}
		})
	}
}

func TestWhatCannotBeMinifiedIsTold(t *testing.T) {
	for script, complaint := range map[string]string{
		"export const one = (0[0]);": "0[0] would be taken for undefined",
		"const = 1;":                 "line 1",
	} {
		if got, err := Minify([]byte(script)); err == nil || !strings.Contains(err.Error(), complaint) {
			t.Errorf("%s: %s, error %v", script, got, err)
		}
	}
}
