using System.CommandLine;
using Sparkish.Security;

namespace Sparkish.Cli;

/// <summary><c>sparkish secret client</c>: prints the key that users get instead of the cluster's secret.</summary>
internal static class SecretCommand
{
    public static Command Create()
    {
        var conf = SharedOptions.Conf();
        var client = new Command("client", "Prints the client key: with it a user can run applications, and be no master or worker.") { conf };
        client.SetAction((parsed, _) => PrintClientKeyAsync(SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf))));
        return new Command("secret", "Derives keys from the cluster's secret.") { client };
    }

    private static async Task<int> PrintClientKeyAsync(SparkConf conf)
    {
        using var loggers = ConsoleLogging.Create();
        using var security = SecurityManager.From(conf, loggers.CreateLogger("sparkish"));
        if (security.Usual is not { Realm: Realms.Cluster, Secrets: [var secret, ..] })
            throw new SparkException("There is no secret of a cluster to derive the client key from: name its file with --conf spark.authenticate.secret.file=FILE.");
        await Console.Out.WriteLineAsync(secret.ToClientKey());
        return CliErrors.Success;
    }
}
