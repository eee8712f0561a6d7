using System.CommandLine;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Submission;

namespace Sparkish.Cli;

/// <summary>
/// The options of <c>sparkish submit</c>, and the settings that follow from them. As in Spark, an option wins over <c>--conf</c>, that over the properties
/// file, and that over the environment. A setting in the application's code wins over all of them.
/// </summary>
internal sealed class SubmitOptions
{
    private const string Cluster = "cluster";
    private const string Client = "client";

    private readonly Option<string> _master = Text("--master", "URL", "The cluster: spark://host:port, local[N] or local-cluster[workers,cores,MiB].");
    private readonly Option<string> _deployMode =
        Text("--deploy-mode", "MODE", "Where the driver runs: 'client' for this machine (default), 'cluster' for a worker.");
    private readonly Option<string> _name = Text("--name", "NAME", "The application's name.");
    private readonly Option<string> _executorCores = Text("--executor-cores", "N", "Cores of each executor; all free cores of its worker unless set.");
    private readonly Option<string> _executorMemory = Text("--executor-memory", "SIZE", "Heap limit of each executor, such as 2g; 1g unless set.");
    private readonly Option<string> _totalCores = Text("--total-executor-cores", "N", "Maximum number of cores of all executors together.");
    private readonly Option<string> _driverMemory = Text("--driver-memory", "SIZE", "Cluster mode: heap limit of the driver; 1g unless set.");
    private readonly Option<string> _driverCores = Text("--driver-cores", "N", "Cluster mode: cores that the driver occupies on its worker; 1 unless set.");
    private readonly Option<string> _files =
        Text("--files", "FILES", "Cluster mode: files of this machine to put beside the application, separated by commas.");
    private readonly Option<string> _propertiesFile =
        Text("--properties-file", "FILE", "Settings, a line each; conf/spark-defaults.conf of SPARK_CONF_DIR or SPARK_HOME unless set.");
    private readonly Option<string[]> _conf = SharedOptions.Conf();
    private readonly Option<bool> _supervise = new("--supervise")
    {
        Description = "Cluster mode: starts the driver again after a failure, and after the loss of its worker.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>The driver to end.</summary>
    public Option<string?> Kill { get; } = new("--kill") { HelpName = "DRIVER", Description = "Ends a driver in cluster mode." };

    /// <summary>The driver to report.</summary>
    public Option<string?> Status { get; } = new("--status") { HelpName = "DRIVER", Description = "Prints the state of a driver in cluster mode." };

    /// <summary>All options.</summary>
    public IEnumerable<Option> All =>
    [
        _master, _deployMode, _name, _conf, _propertiesFile, _executorCores, _executorMemory, _totalCores, _driverMemory, _driverCores, _supervise, _files,
        Kill, Status,
    ];

    /// <summary>Returns the settings of a command line.</summary>
    /// <exception cref="UsageException">An option is wrong.</exception>
    /// <exception cref="SparkException">The properties file cannot be read.</exception>
    public SparkConf Read(ParseResult parsed)
    {
        var settings = new SparkConf(loadDefaults: false);
        if (Environment.GetEnvironmentVariable("MASTER") is { Length: > 0 } master) settings.Set(CoreKeys.Master.Key, master);
        if ((parsed.GetValue(_propertiesFile) ?? PropertiesFile.FindDefaults(Environment.GetEnvironmentVariable)) is { } file)
        {
            SharedOptions.ApplyFile(settings, file);
        }

        SharedOptions.Apply(settings, parsed.GetValue(_conf));
        Put(settings, parsed, CoreKeys.Master, _master);
        Put(settings, parsed, DeployKeys.DeployMode, _deployMode);
        Put(settings, parsed, CoreKeys.AppName, _name);
        Put(settings, parsed, DeployKeys.ExecutorCores, _executorCores);
        Put(settings, parsed, DeployKeys.ExecutorMemory, _executorMemory);
        Put(settings, parsed, DeployKeys.MaxCores, _totalCores);
        Put(settings, parsed, DeployKeys.DriverMemory, _driverMemory);
        Put(settings, parsed, DeployKeys.DriverCores, _driverCores);
        if (parsed.GetValue(_supervise)) settings.Set(DeployKeys.DriverSupervise.Key, "true");
        return settings;
    }

    /// <summary>Whether the driver runs on a worker.</summary>
    /// <exception cref="UsageException">The mode is unknown, or the master does not have it.</exception>
    public bool IsCluster(SparkConf settings)
    {
        var mode = settings.Get(DeployKeys.DeployMode);
        if (mode is not (Client or Cluster)) throw new UsageException($"{_deployMode.Name} is '{mode}' but must be '{Client}' or '{Cluster}'.");
        return mode == Cluster;
    }

    /// <summary>The files to put beside the application.</summary>
    public IReadOnlyList<string> FilesOf(ParseResult parsed) =>
        parsed.GetValue(_files)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Refuses options that have no effect in client mode.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public void ThrowIfForCluster(ParseResult parsed)
    {
        foreach (var (option, advice) in new (Option Option, string Advice)[]
        {
            (_driverMemory, "in client mode the variable DOTNET_GCHeapHardLimit limits the heap of the driver"),
            (_driverCores, "in client mode the driver uses all cores of this machine"),
            (_supervise, "in client mode nothing can start the driver again"),
            (_files, "in client mode put files on a path that all workers share"),
        })
        {
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} is an option of cluster mode: add {_deployMode.Name} {Cluster}, or leave it out; {advice}.");
        }
    }

    // What was given as an option is named as the option, what was given otherwise as the key.
    private static void Put<T>(SparkConf settings, ParseResult parsed, ConfigEntry<T> entry, Option<string> option)
    {
        var text = parsed.GetValue(option);
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

    private static Option<string> Text(string option, string value, string description) => new(option) { HelpName = value, Description = description };
}
