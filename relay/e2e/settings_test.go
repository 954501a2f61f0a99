package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
)

// mustRun runs the built relay until it ends, in an empty folder, and returns what it printed and its exit code.
func mustRun(t *testing.T, environment []string, args ...string) (output string, code int) {
	t.Helper()
	binary, err := filepath.Abs("../relay")
	must(t, err)
	command := exec.CommandContext(relaytest.Context(t), binary, args...)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), environment...)
	printed, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(printed), command.ProcessState.ExitCode()
}

func TestAWrongSettingEndsTheStartWithOneLine(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "relay.json")
	relaytest.MustWrite(t, file, "{\n  \"listen\": \"127.0.0.1:0\",\n  \"max-backlog\": \"2GB\"\n}")
	for _, test := range []struct {
		name        string
		environment []string
		args        []string
		says        []string
	}{
		{"a flag", nil, []string{"--poll-interval", "5"}, []string{"--poll-interval", `"5"`, "30s"}},
		{"a flag there is not", nil, []string{"--pol-interval", "5m"}, []string{"--pol-interval"}},
		{"an environment variable", []string{"RELAY_LISTEN=80"}, nil, []string{"--listen", "RELAY_LISTEN", "host:port"}},
		{"a line of a file", nil, []string{"--config", file}, []string{"--max-backlog", file, "line 3", "2GiB"}},
		{"a secret", []string{"RELAY_ACCESS_TOKEN=s3cret"}, nil, []string{"RELAY_ACCESS_TOKEN", "SDKKEY=TOKEN"}},
		{"a data folder that is a file", nil, []string{"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data-dir", file}, []string{"relay: --data-dir: ", file}},
	} {
		t.Run(test.name, func(t *testing.T) {
			output, code := mustRun(t, test.environment, test.args...)
			if code == 0 || !strings.Contains(output, "relay: ") || strings.Count(output, "\n") != 1 && !strings.Contains(test.name, "folder") {
				t.Errorf("it ended with %d and said %s", code, output)
			}
			for _, part := range test.says {
				if !strings.Contains(output, part) {
					t.Errorf("%s does not say %q", output, part)
				}
			}
			if strings.Contains(output, "s3cret") {
				t.Errorf("the secret is told: %s", output)
			}
		})
	}
}

func TestHelpNamesEverySettingOnce(t *testing.T) {
	t.Parallel()
	output, code := mustRun(t, nil, "--help")
	if code != 0 {
		t.Errorf("it ended with %d", code)
	}
	for _, flag := range []string{"listen", "data-dir", "project", "access-token", "webhook-secret", "page-experiment", "page-sort", "events-url", "allow-origin"} {
		if n := strings.Count(output, "\n  --"+flag+"="); n != 1 {
			t.Errorf("--%s is explained %d times", flag, n)
		}
	}
}
