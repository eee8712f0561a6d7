using System.CommandLine;

namespace Sparkish.Cli;

/// <summary>
/// Finds the option that a command does not have. The parser would treat it as an argument, as an argument may begin with a dash, and then report another
/// problem.
/// </summary>
internal static class UnknownOption
{
    private const string NoVirtualMachine = "The driver is this program's own process: its heap is limited by the variable DOTNET_GCHeapHardLimit.";
    private const string AssembliesTravel = "Executors fetch the assemblies of the application's build output automatically: leave it out.";

    private static readonly Dictionary<string, string> AdviceForSparkSubmit = new(StringComparer.Ordinal)
    {
        ["--class"] = "A .NET program has one entry point, so APP.dll is enough: leave it out.",
        ["--jars"] = AssembliesTravel,
        ["--packages"] = AssembliesTravel,
        ["--exclude-packages"] = AssembliesTravel,
        ["--repositories"] = AssembliesTravel,
        ["--py-files"] = AssembliesTravel,
        ["--driver-class-path"] = AssembliesTravel,
        ["--driver-library-path"] = AssembliesTravel,
        ["--archives"] = "Put files on a path that all workers share.",
        ["--driver-java-options"] = NoVirtualMachine,
        ["--num-executors"] = "On a standalone cluster the number follows from --total-executor-cores and --executor-cores.",
        ["--queue"] = "There are no queues on a standalone cluster: leave it out.",
        ["--proxy-user"] = "Executors run as the user of their worker.",
        ["--principal"] = "Kerberos is not supported; see spark.authenticate.",
        ["--keytab"] = "Kerberos is not supported; see spark.authenticate.",
        ["--verbose"] = "Set the log level in the program instead.",
        ["--remote"] = "Give the cluster as --master spark://host:port.",
    };

    /// <exception cref="UsageException">A word looks like an option, and the command has no option of that name.</exception>
    public static void ThrowIfAny(RootCommand root, IReadOnlyList<string> words)
    {
        Command command = root;
        var path = "sparkish";
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (string.Equals(word, "--", StringComparison.Ordinal)) return;
            if (!word.StartsWith('-') || word.Length == 1)
            {
                var subcommand = command.Subcommands.FirstOrDefault(known => string.Equals(known.Name, word, StringComparison.Ordinal));
                if (subcommand is not null) (command, path) = (subcommand, $"{path} {word}");
                else if (command.Subcommands.Count > 0)
                    throw new UsageException($"Unknown command '{word}': give one of {string.Join(", ", command.Subcommands.Select(known => known.Name))}. See '{path} --help'.");
                continue;
            }

            var name = word.Split('=', ':')[0];
            if (Find(root, command, name) is { } option)
            {
                if (name.Length == word.Length && option.Arity.MinimumNumberOfValues > 0) i++;
            }
            else
            {
                throw new UsageException(Describe(command, path, name));
            }
        }
    }

    private static Option? Find(RootCommand root, Command command, string name) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive || command == root))
            .FirstOrDefault(option => string.Equals(option.Name, name, StringComparison.Ordinal) || option.Aliases.Contains(name));

    private static string Describe(Command command, string path, string name)
    {
        var advice = string.Equals(command.Name, "submit", StringComparison.Ordinal) ? AdviceForSparkSubmit.GetValueOrDefault(name) : null;
        return $"Unknown option '{name}' of '{path}'. {(advice is null ? "" : $"{advice} ")}See '{path} --help'.";
    }
}
