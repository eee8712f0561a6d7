using System.CommandLine;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Submission;
using Sparkish.Rpc;

namespace Sparkish.Cli;

/// <summary>The options of commands that ask the leading master of a cluster.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<string?> _master = new("--master") { HelpName = "URL", Description = "The cluster's masters, as spark://host:port." };
    private readonly Option<string[]> _conf = SharedOptions.Conf();
    private readonly Option<string?> _file = SharedOptions.PropertiesFile();

    /// <summary>Adds the options to a command.</summary>
    public Command AddTo(Command command)
    {
        command.Options.Add(_master);
        command.Options.Add(_file);
        command.Options.Add(_conf);
        return command;
    }

    /// <summary>Creates a client of the cluster; runs an action with it.</summary>
    /// <exception cref="UsageException">The URL is missing or wrong.</exception>
    public async Task<int> WithClientAsync(ParseResult parsed, Func<SubmissionClient, Task<int>> action, TimeSpan? leaderTimeout = null)
    {
        var settings = SharedOptions.Read(parsed.GetValue(_file), parsed.GetValue(_conf));
        if ((parsed.GetValue(_master) ?? (settings.Contains(CoreKeys.Master.Key) ? null : Environment.GetEnvironmentVariable("MASTER"))) is { } url)
            settings.Set(CoreKeys.Master.Key, url);
        if (!settings.Contains(CoreKeys.Master.Key))
            throw new UsageException("The cluster is missing: give its masters with --master spark://host:port, or in the environment variable MASTER.");
        var masters = MastersOf(settings.Get(CoreKeys.Master));
        using var loggers = LoggerFactory.Create(static logging => logging.AddProvider(new WarningLines()));
        await using var client = SubmissionClient.Start(RpcEnvFactories.From(settings), settings, masters, loggers, leaderTimeout);
        return await action(client);
    }

    /// <exception cref="UsageException">The text is not the URL of a standalone cluster.</exception>
    public static IReadOnlyList<RpcAddress> MastersOf(string url)
    {
        try
        {
            return MasterUrl.Parse(url);
        }
        catch (SparkException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
