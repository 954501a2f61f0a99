package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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

func TestNamesOfItsOwnAreWrittenShorter(t *testing.T) {
	files := sdkFiles()
	files["index.js"] += "export class Flags { get flagKeys() { return ['flagKeys']; } }\nexport const keys = () => new Flags().flagKeys;\n"
	if got := strings.Count(mustBundle(t, files, "index.min.js"), "flagKeys"); got != 1 {
		t.Errorf("%d times, but once as text", got)
	}
}

// Whoever else said a name would look for a member that is called something else in index.min.js.
func TestNamesOfItsOwnAreSaidByNobodyElse(t *testing.T) {
	const sdk = "../../../../public/sdk"
	names := script.Own
	script.Own = nil // so that what is imported later says them, if it does
	t.Cleanup(func() { script.Own = names })
	said := regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\b`)
	notSaid := func(what string, text []byte) {
		t.Helper()
		if those := said.FindAllString(string(text), -1); those != nil {
			t.Errorf("%s says %v", what, those)
		}
	}
	mustReadAll(t, sdk, ".d.ts", notSaid)
	for _, name := range modules[1:] {
		later, err := bundleModule(sdk, name)
		if err != nil {
			t.Fatal(err)
		}
		notSaid(name, later)
	}
	engine, err := os.ReadFile(filepath.Join(sdk, "engine", "engine.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if bytes.Contains(engine, []byte(name)) {
			t.Errorf("the engine says %s", name)
		}
	}
}

// The pages' files are made with the SDK's modules in one go, so a module of theirs may say a name; but not what the relay answers them.
func TestNamesOfItsOwnAreInNoAnswerOfTheRelay(t *testing.T) {
	const relay = "../../.."
	answered := regexp.MustCompile("`json:\"(" + strings.Join(script.Own, "|") + `)[,"]`)
	mustReadAll(t, relay, ".go", func(path string, source []byte) {
		if those := answered.FindAllString(string(source), -1); those != nil {
			t.Errorf("%s answers %q", path, those)
		}
	})
}

// mustReadAll has a look at each file below a folder whose name ends so.
func mustReadAll(t *testing.T, folder, ending string, look func(path string, text []byte)) {
	t.Helper()
	read := 0
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ending) {
			return err
		}
		read++
		text, err := os.ReadFile(path)
		look(path, text)
		return err
	})
	if err != nil || read == 0 {
		t.Fatalf("%d files %s in %s, error %v", read, ending, folder, err)
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
