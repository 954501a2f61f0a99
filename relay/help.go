package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// help shows the settings of relay serve with plain relay --help too, since plain relay is that command.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if ctx.Selected() != nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	serve, err := kong.Trace(ctx.Kong, []string{"serve"})
	if err != nil {
		return err
	}
	fmt.Fprintf(ctx.Stdout, "Usage: relay [<command>] [flags]\n\n%s\n\nCommands:\n", ctx.Model.Help)
	for _, command := range ctx.Model.Leaves(true) {
		fmt.Fprintf(ctx.Stdout, "  %-9s %s\n", command.Name, command.Help)
	}
	fmt.Fprintln(ctx.Stdout, "\nrelay COMMAND --help tells more of a command. What follows is relay serve.")
	options.NoAppSummary = true
	return kong.DefaultHelpPrinter(options, serve)
}

// Help implements kong.HelpProvider.
func (serveCommand) Help() string {
	return `Each setting is a flag; or the environment variable of its name, RELAY_DATA_DIR for --data-dir, with commas between several ` +
		`values; or a member of the JSON file that --config names, as in {"data-dir":"/var/lib/relay","project":["shop=cdn"]}. ` +
		`A flag goes before the environment, the environment before the file. Give tokens and secrets by the environment or ` +
		`the file: flags can be seen by everyone on the machine.`
}

// explain is what help says of a setting: its meaning and its default.
func explain(value *kong.Value) string {
	if value.HasDefault && !strings.Contains(value.Help, "Default:") {
		return value.Help + " Default: " + value.Default + "."
	}
	return value.Help
}
