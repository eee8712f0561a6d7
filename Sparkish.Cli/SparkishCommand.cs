using System.CommandLine;
using System.CommandLine.Help;

namespace Sparkish.Cli;

/// <summary>The command line of <c>sparkish</c>.</summary>
internal static class SparkishCommand
{
    private const string LibrarysUsage = "submit [<APP.dll> [<ARGS>...]] [options]";

    public static async Task<int> RunAsync(string[] args)
    {
        var submit = SubmitCommand.Create();
        var root = new RootCommand("Sparkish: a cluster computing engine with Apache Spark's vocabulary for .NET.")
        {
            MasterCommand.Create(),
            WorkerCommand.Create(),
            submit,
            StatusCommand.Create(),
            LogsCommand.Create(),
            DecommissionCommand.Create(),
            JournalCommand.Create(),
            SecretCommand.Create(),
            InitCommand.Create(),
            LocalClusterCommand.Create(),
        };

        // As in Spark, -h is the host of a daemon; help is asked for with --help or -?.
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Options.Add(new HelpOption("--help", "-?") { Recursive = true });

        try
        {
            return await RunAsync(root, submit, args);
        }
        catch (Exception error) when (CliErrors.IsExpected(error))
        {
            return CliErrors.Report(error);
        }
    }

    private static async Task<int> RunAsync(RootCommand root, Command submit, string[] args)
    {
        var words = args is ["submit", ..] ? ["submit", .. SubmitCommand.ShieldApplicationArguments(submit, args[1..])] : args;
        UnknownOption.ThrowIfAny(root, words);
        var parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            var command = parsed.CommandResult.Command is RootCommand ? "sparkish" : $"sparkish {parsed.CommandResult.Command.Name}";
            CliErrors.Say($"{parsed.Errors[0].Message} See '{command} --help'.");
            return CliErrors.Usage;
        }

        // Daemons handle signals themselves, and errors are printed here.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (parsed.Action is not HelpAction || parsed.CommandResult.Command != submit) return await parsed.InvokeAsync(configuration);

        // The library puts options last, where submit would pass them to the application.
        var help = new StringWriter();
        configuration.Output = help;
        var status = await parsed.InvokeAsync(configuration);
        Console.Write(help.ToString().Replace(LibrarysUsage, SubmitCommand.Usage, StringComparison.Ordinal));
        return status;
    }
}
