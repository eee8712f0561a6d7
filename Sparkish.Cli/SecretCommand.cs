using System.CommandLine;
using Sparkish.Security;

namespace Sparkish.Cli;

/// <summary><c>sparkish secret client</c>: prints the key that users get instead of the cluster's secret.</summary>
internal static class SecretCommand
{
    public static Command Create()
    {
        var conf = SharedOptions.Conf();
        var client = new Command("client", "Prints the client key, which lets a user run applications but no master or worker.") { conf };
        client.SetAction((parsed, _) => PrintClientKeyAsync(SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf))));
        return new Command("secret", "Derives keys from the cluster's secret.") { client };
    }

    private static async Task<int> PrintClientKeyAsync(SparkConf conf)
    {
        using var loggers = ConsoleLogging.Create();
        using var security = SecurityManager.From(conf, loggers.CreateLogger("sparkish"));
        if (security.Usual is not { Realm: Realms.Cluster, Secrets: [var secret, ..] })
            throw new SparkException("The cluster's secret, from which the client key is derived, is not set: name its file with --conf spark.authenticate.secret.file=FILE.");
        await Console.Out.WriteLineAsync(secret.ToClientKey());
        return CliErrors.Success;
    }
}
