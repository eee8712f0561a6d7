using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Configuration;
using Sparkish.Security;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>
/// The credentials that a worker gives to a driver: the client key, with which the driver proves its role to masters, and the passwords of the worker's
/// certificates. The key is derived from the cluster's secret, which a driver never gets.
/// </summary>
internal static class DriverCredentials
{
    /// <summary>Returns the settings with the credentials, from the present content of the worker's files.</summary>
    /// <exception cref="SparkException">A file cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> Of(SparkConf worker, Func<string, string?> environment)
    {
        var credentials = SecurityKeys.Passwords(worker, environment).ToDictionary(StringComparer.Ordinal);
        using var security = SecurityManager.From(worker, NullLogger.Instance, environment);

        // During a change of secrets there are two, and so two keys.
        if (security.Usual is { Realm: Realms.Cluster, Secrets: { Count: > 0 } secrets })
            credentials[SecurityKeys.Secret.Key] = string.Join('\n', secrets.Select(static secret => secret.ToClientKey()));
        return credentials;
    }
}
