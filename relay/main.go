// Command relay serves the site and the datafiles of its projects, pushes every new datafile to open pages, keeps the events
// they send, and shows results. See README.md in this folder for its endpoints and settings.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}

// commands are what relay can be told to do.
type commands struct {
	Version kong.VersionFlag `env:"-" help:"Print the version and exit."`
	Config  configPath       `placeholder:"FILE" help:"A JSON file of settings. Default: none."`

	Serve   serveCommand   `cmd:"" default:"withargs" help:"Run the relay. This is what plain relay does."`
	Events  eventsCommand  `cmd:"" help:"Print the event log, one JSON object a line for each event, by project and time."`
	Webhook webhookCommand `cmd:"" help:"Send a running relay the webhook that Optimizely sends when a datafile has changed."`
	Export  exportCommand  `cmd:"" help:"Write the site for a static host, with the address of the relay in it."`
}

// environment is what a command finds around it.
type environment struct {
	ctx            context.Context
	stdout, stderr io.Writer
	from           sources  // of the settings
	unknown        []string // RELAY_ variables that are no settings
}

// run is the whole program: it returns when ctx ends and everything has stopped, or with the reason why it cannot go on.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	answered, from := false, sources{}
	parser, err := kong.New(&commands{},
		kong.Name("relay"),
		kong.Description("Serves datafiles to browsers that decide for themselves, and keeps the events they send."),
		kong.Writers(stdout, stderr),
		kong.Help(help),
		kong.ValueFormatter(explain),
		kong.Exit(func(int) { answered = true }), // after --help and --version
		kong.DefaultEnvars("RELAY"),
		kong.Resolvers(variables{from}),
		kong.Bind(from),
		kong.Vars{"version": version()},
	)
	if err != nil {
		return err
	}
	fromEnvironment(parser.Model)
	command, err := parse(parser, args)
	if answered {
		return nil
	}
	if wrong, ok := errors.AsType[*settingError](err); ok {
		err = wrong // without what kong puts around it
	}
	if err != nil {
		return fmt.Errorf("%w (relay --help shows what is allowed)", err)
	}
	return from.trace(command.Run(environment{ctx, stdout, stderr, from, unknownVariables(parser.Model, os.Environ())}))
}

func parse(parser *kong.Kong, args []string) (*kong.Context, error) {
	if err := wantValues(parser.Model, args); err != nil {
		return nil, err
	}
	return parser.Parse(args)
}

func version() string {
	built := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		built = info.Main.Version
	}
	return fmt.Sprintf("relay %s, %s %s/%s", built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
