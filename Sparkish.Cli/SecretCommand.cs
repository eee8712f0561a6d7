using System.CommandLine;
using Sparkish.Rest;
using Sparkish.Security;

namespace Sparkish.Cli;

/// <summary>
/// <c>sparkish secret client</c> prints the key that users get instead of the cluster's secret; <c>sparkish secret token</c> prints a token for requests over
/// HTTP.
/// </summary>
internal static class SecretCommand
{
    private const int DefaultHours = 12;
    private const int MaxHours = 24 * 365;

    public static Command Create() => new("secret", "Derives keys and tokens from the cluster's secret.") { CreateClient(), CreateToken() };

    private static Command CreateClient()
    {
        var conf = SharedOptions.Conf();
        var user = User("Print a key of this user alone: it may end only the drivers that it has submitted.");
        var client = new Command("client", "Prints the client key, which lets a user run applications but no master or worker.") { conf, user };
        client.SetAction((parsed, _) => PrintAsync(parsed.GetValue(conf), parsed.GetValue(user), static (usual, name) =>
            usual is { Realm: Realms.Cluster, Secrets: [var secret, ..] }
                ? secret.ToClientKey(name is null ? Realms.Client : Realms.OfUser(name))
                : throw new SparkException(
                    "The cluster's secret, from which the client key is derived, is not set: name its file with --conf spark.authenticate.secret.file=FILE.")));
        return client;
    }

    private static Command CreateToken()
    {
        var conf = SharedOptions.Conf();
        var hours = SharedOptions.WholeNumber(
            "--hours", "-t", 1, MaxHours, $"Number of hours for which the token is valid; {DefaultHours} unless given.", "HOURS");
        hours.DefaultValueFactory = static _ => DefaultHours;
        var user = User("Print a token of this user alone: it may report and end only the drivers that this user has submitted.");
        var token = new Command("token",
            "Prints a token for requests to spark.master.rest.port. With a client key it submits, reports and ends drivers; with the secret it also ends all.")
        {
            hours, user, conf,
        };
        token.SetAction((parsed, _) => PrintAsync(parsed.GetValue(conf), parsed.GetValue(user), (usual, name) => usual is { Secrets: [var secret, ..] }
            ? RestTokens.Issue(secret, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(parsed.GetValue(hours)), UserOf(usual.Realm, name))
            : throw new SparkException(
                "The secret or client key that signs the token is not set: name its file with --conf spark.authenticate.secret.file=FILE.")));
        return token;
    }

    // The key of a user is that of no other one.
    private static string? UserOf(string realm, string? named)
    {
        if (realm == Realms.Client && named is not null)
            throw new SparkException($"The user is '{named}', but the client key is that of all users: use the key of this user, or the cluster's secret.");
        if (Realms.UserOf(realm) is not { } own) return named;
        return named is null || named == own ? own : throw new SparkException($"The user is '{named}', but the client key is that of '{own}': leave --user out.");
    }

    private static Option<string?> User(string description) => new("--user") { Description = description, HelpName = "NAME" };

    private static async Task<int> PrintAsync(string[]? settings, string? user, Func<Credential, string?, string> derive)
    {
        if (user is not null && !Realms.IsUser(user))
            throw new SparkException($"The user is '{user}' but must have 1 to 64 letters, digits, dots, hyphens or underscores.");
        using var loggers = ConsoleLogging.Create();
        using var security = SecurityManager.From(
            SharedOptions.Apply(new SparkConf(loadDefaults: false), settings), loggers.CreateLogger("sparkish"));
        await Console.Out.WriteLineAsync(derive(security.Usual, user));
        return CliErrors.Success;
    }
}
