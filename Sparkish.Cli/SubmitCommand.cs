using System.CommandLine;
using Sparkish.Configuration;
using Sparkish.Deploy;

namespace Sparkish.Cli;

/// <summary><c>sparkish submit APP.dll ARGS…</c>: runs an application with settings that its <see cref="SparkConf"/> starts with.</summary>
internal static class SubmitCommand
{
    public const string Usage = "submit [options] <APP.dll> [<ARGS>...]";

    public static Command Create()
    {
        var master = Text("--master", "URL", "The cluster: spark://host:port, local[N] or local-cluster[workers,cores,MiB].");
        var name = Text("--name", "NAME", "The application's name.");
        var executorCores = Text("--executor-cores", "N", "Cores of each executor; all free cores of its worker unless set.");
        var executorMemory = Text("--executor-memory", "SIZE", "Heap limit of each executor, such as 2g; 1g unless set.");
        var totalCores = Text("--total-executor-cores", "N", "Maximum number of cores of all executors together.");
        var conf = SharedOptions.Conf();
        var app = new Argument<string>("APP.dll") { Description = "The application: the .dll that 'dotnet build' produced." };
        var args = new Argument<string[]>("ARGS") { Description = "The application's own arguments, passed on as they are.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(
            "submit", "Runs an application on a cluster; its driver runs here. Options go before APP.dll; everything after it is passed to the application.")
        {
            master, name, conf, executorCores, executorMemory, totalCores, app, args,
        };
        command.SetAction((parsed, _) =>
        {
            var settings = SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf));
            Put(settings, CoreKeys.Master, master, parsed.GetValue(master));
            Put(settings, CoreKeys.AppName, name, parsed.GetValue(name));
            Put(settings, DeployKeys.ExecutorCores, executorCores, parsed.GetValue(executorCores));
            Put(settings, DeployKeys.ExecutorMemory, executorMemory, parsed.GetValue(executorMemory));
            Put(settings, DeployKeys.MaxCores, totalCores, parsed.GetValue(totalCores));
            return ApplicationProcess.RunAsync(parsed.GetRequiredValue(app), parsed.GetValue(args) ?? [], settings);
        });
        return command;

        static Option<string> Text(string option, string value, string description) => new(option) { HelpName = value, Description = description };
    }

    /// <summary>Inserts <c>--</c> before the application, so that later arguments are not parsed as our options.</summary>
    public static IReadOnlyList<string> ShieldApplicationArguments(Command submit, IReadOnlyList<string> words)
    {
        var i = 0;
        while (i < words.Count && words[i].StartsWith('-') && !string.Equals(words[i], "--", StringComparison.Ordinal))
            i += submit.Options.Any(option => string.Equals(option.Name, words[i], StringComparison.Ordinal)) ? 2 : 1;
        return i < words.Count && !string.Equals(words[i], "--", StringComparison.Ordinal) ? [.. words.Take(i), "--", .. words.Skip(i)] : words;
    }

    // What was given as an option is named as the option, what was given by --conf as the key.
    private static void Put<T>(SparkConf settings, ConfigEntry<T> entry, Option<string> option, string? text)
    {
        if (text is not null) settings.Set(entry.Key, text);
        if (!settings.Contains(entry.Key)) return;
        try
        {
            settings.Get(entry);
        }
        catch (SparkException error)
        {
            throw new UsageException(text is null ? error.Message : error.Message.Replace(entry.Key, option.Name, StringComparison.Ordinal));
        }
    }
}
