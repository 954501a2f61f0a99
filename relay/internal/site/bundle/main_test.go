package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/internal/site/script"
)

// mustMakeSDK makes a folder with an SDK.
func mustMakeSDK(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func sdkFiles() map[string]string {
	return map[string]string{
		"package.json":        `{"type":"module","sideEffects":false}`,
		"global.js":           "export { decide } from './decide.js';\nexport const integrity = globalThis.SORTITION_ENGINE_INTEGRITY;\n",
		"decide.js":           "export const decide = (userOfTheCall) => `decided for ${userOfTheCall}`;\n",
		"index.js":            "export { decide } from './decide.js';\nexport const follow = (theRelay) => import('./relay/index.js').then(({ ask }) => ask(theRelay));\nexport const poll = () => import('./optimizely/index.js');\n",
		"optimizely/index.js": "export { decide as poll } from '../decide.js';\n",
		"relay/index.js":      "export { ask } from './ask.js';\n",
		"relay/ask.js":        "import { decide } from '../decide.js';\nexport const ask = (relay) => decide(relay);\n",
		"engine/engine.wasm":  "\x00asm",
	}
}

// mustBundle returns one of the files that are made of an SDK.
func mustBundle(t *testing.T, files map[string]string, name string) string {
	t.Helper()
	dir := mustMakeSDK(t, files)
	if err := bundle(dir); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestAModuleIsOneFileButForWhatItImportsLater(t *testing.T) {
	module := mustBundle(t, sdkFiles(), "index.min.js")
	for _, part := range []string{"decided for ", `import("./relay/index.min.js")`, `import("./optimizely/index.min.js")`, "export{"} {
		if !strings.Contains(module, part) {
			t.Errorf("%s is not in %s", part, module)
		}
	}
	for _, name := range []string{"optimizely/index.min.js", "relay/index.min.js"} {
		later := mustBundle(t, sdkFiles(), name)
		if !strings.Contains(later, "decided for ") || strings.Contains(later, "import") {
			t.Errorf("%s is not all of %s", later, name)
		}
	}
}

func TestOnlyWhatThePageNeedsAtOnceIsCompiledAsItArrives(t *testing.T) {
	for name, want := range map[string]bool{"index.min.js": true, "global.min.js": false, "optimizely/index.min.js": false, "relay/index.min.js": false} {
		if got := strings.HasPrefix(mustBundle(t, sdkFiles(), name), script.CompileAtOnce); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAScriptHoldsAllModulesAndTheIntegrityOfItsEngine(t *testing.T) {
	script := mustBundle(t, sdkFiles(), "global.min.js")
	for _, part := range []string{"var sortition=", "decided for ", integrity([]byte("\x00asm"))} {
		if !strings.Contains(script, part) {
			t.Errorf("%s is not in %s", part, script)
		}
	}
	for _, part := range []string{"import", "userOfTheCall", "SORTITION_ENGINE_INTEGRITY"} {
		if strings.Contains(script, part) {
			t.Errorf("%s is still in %s", part, script)
		}
	}
}

func TestWhatCannotBecomeAScriptIsTold(t *testing.T) {
	tests := map[string]struct {
		change    func(files map[string]string)
		complaint string
	}{
		"without its engine":                   {func(files map[string]string) { delete(files, "engine/engine.wasm") }, "make build"},
		"without a module":                     {func(files map[string]string) { delete(files, "decide.js") }, "./decide.js"},
		"with a mistake":                       {func(files map[string]string) { files["decide.js"] = "const = 1;" }, "decide.js:1:6"},
		"with what only modules have":          {func(files map[string]string) { files["decide.js"] = "export const decide = import.meta.url;" }, "import.meta"},
		"with what must be awaited beforehand": {func(files map[string]string) { files["decide.js"] = "export const decide = await 1;" }, "await"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := sdkFiles()
			test.change(files)
			if err := bundle(mustMakeSDK(t, files)); err == nil || !strings.Contains(err.Error(), test.complaint) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnIntegrityIsTheOneThatBrowsersKnow(t *testing.T) {
	// printf 'alert(1)' | openssl dgst -sha384 -binary | base64
	const want = "sha384-HT2E9NfWiuQ/w1PRai+hTyqW16NIoCGA/m8VQDUopfAtcz6YQjtsMmQd5uRbVDpW"
	if got := integrity([]byte("alert(1)")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
