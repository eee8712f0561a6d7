using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Security;

namespace Sparkish.Rest;

/// <summary>The checked settings and the limits of the server.</summary>
/// <param name="Host">The address to bind to, as configured.</param>
/// <param name="Address">The same, resolved.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
internal sealed record RestOptions(string Host, IPAddress Address, int Port)
{
    /// <summary>The key of Spark's filter; null without that filter.</summary>
    public byte[]? FilterKey { get; init; }

    public int MaxBody { get; init; } = 1 << 20;

    public int MaxHeaders { get; init; } = 16 << 10;

    public TimeSpan HeaderTime { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan BodyTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most connections of one source.</summary>
    public int MaxConnectionsPerSource { get; init; } = 64;

    /// <summary>The most connections of all sources.</summary>
    public int MaxConnections { get; init; } = 512;

    /// <summary>Time limit for the master's answer: Spark's clients wait for ten seconds.</summary>
    public TimeSpan MasterTime { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Reads the settings, and refuses an open server beside a protected master.</summary>
    /// <exception cref="SparkException">A setting is wrong, or the server would be open beyond this machine.</exception>
    public static RestOptions From(SparkConf conf, SecurityManager security, ILogger log, Func<string, string?> environment)
    {
        var host = conf.Get(RestKeys.Host);
        var options = new RestOptions(host, Resolve(host), conf.Get(RestKeys.Port)) { FilterKey = FilterKeyOf(conf, log, environment) };
        options.CheckExposure(conf, security);
        return options;
    }

    private void CheckExposure(SparkConf conf, SecurityManager security)
    {
        if (IPAddress.IsLoopback(Address)) return;
        var access = new RestAccess(security, FilterKey);
        var isClosedNetwork = conf.Contains(CoreKeys.Authenticate.Key) && !conf.Get(CoreKeys.Authenticate);
        var encrypts = security.Tls is { ChecksCertificates: true };
        if ((access.NeedsToken || access.NeedsCertificate) && (encrypts || isClosedNetwork)) return;
        throw new SparkException(
            $"{RestKeys.Host.Key} is '{Host}', beyond this machine, where the server needs certificates (spark.ssl.rpc.*), so that nobody reads its tokens, and "
            + $"authentication: bind it to 127.0.0.1, or set them. In a closed network, spark.authenticate=false and {RestKeys.Filters.Key}={RestKeys.JwsFilter} will do.");
    }

    private static byte[]? FilterKeyOf(SparkConf conf, ILogger log, Func<string, string?> environment)
    {
        var filters = conf.Get(RestKeys.Filters);
        if (filters.Length == 0) return null;
        if (filters != RestKeys.JwsFilter)
            throw new SparkException($"{RestKeys.Filters.Key} is '{filters}' but must be '{RestKeys.JwsFilter}', the only filter, or empty.");
        var text = Password.Find(Given(RestKeys.JwsKey), Given(RestKeys.JwsKeyFile), RestKeys.JwsKeyVariable, environment, log)
            ?? throw new SparkException($"{RestKeys.Filters.Key} is '{filters}', whose key is missing: set {RestKeys.JwsKeyFile.Key} to the file that holds it.");
        return RestTokens.ParseKey(RestKeys.JwsKey.Key, text);

        (string Key, string Value)? Given(ConfigEntry<string> entry) => conf.Contains(entry.Key) ? (entry.Key, conf.Get(entry)) : null;
    }

    private static IPAddress Resolve(string host)
    {
        try
        {
            return IPAddress.TryParse(host, out var address) ? address : Dns.GetHostAddresses(host)[0];
        }
        catch (SocketException error)
        {
            throw new SparkException($"{RestKeys.Host.Key} is '{host}', which is not an address of this machine: {error.Message}", error);
        }
    }
}
