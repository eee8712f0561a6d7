using System.CommandLine;
using Sparkish.Security;

namespace Sparkish.Cli;

/// <summary><c>sparkish secret client</c>: prints the key that users get instead of the cluster's secret.</summary>
internal static class SecretCommand
{
    public static Command Create()
    {
        var conf = SharedOptions.Conf();
        var user = new Option<string?>("--user") { Description = "Print a key of this user alone: it may end only the drivers that it has submitted.", HelpName = "NAME" };
        var client = new Command("client", "Prints the client key, which lets a user run applications but no master or worker.") { conf, user };
        client.SetAction((parsed, _) =>
            PrintClientKeyAsync(SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf)), parsed.GetValue(user)));
        return new Command("secret", "Derives keys from the cluster's secret.") { client };
    }

    private static async Task<int> PrintClientKeyAsync(SparkConf conf, string? user)
    {
        if (user is not null && !Realms.IsUser(user))
            throw new SparkException($"The user is '{user}' but must have 1 to 64 letters, digits, dots, hyphens or underscores.");
        using var loggers = ConsoleLogging.Create();
        using var security = SecurityManager.From(conf, loggers.CreateLogger("sparkish"));
        if (security.Usual is not { Realm: Realms.Cluster, Secrets: [var secret, ..] })
            throw new SparkException("The cluster's secret, from which the client key is derived, is not set: name its file with --conf spark.authenticate.secret.file=FILE.");
        await Console.Out.WriteLineAsync(secret.ToClientKey(user is null ? Realms.Client : Realms.OfUser(user)));
        return CliErrors.Success;
    }
}
