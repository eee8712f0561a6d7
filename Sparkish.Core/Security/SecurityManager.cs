using Microsoft.Extensions.Logging;
using Sparkish.Configuration;

namespace Sparkish.Security;

/// <summary>How an env proves itself to its peers and has them prove themselves, as its settings say. Made once at its start. Safe for all threads.</summary>
internal sealed class SecurityManager : IDisposable
{
    private SecurityManager(ClusterSecret? secret) => Secret = secret;

    /// <summary>What both sides of a connection prove to know; null where <c>spark.authenticate</c> is off.</summary>
    public ClusterSecret? Secret { get; }

    /// <summary>Whether peers must prove who they are before anything that they send is read.</summary>
    public bool IsProtected => Secret is not null;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SparkException">A setting is wrong or something that it names cannot be read.</exception>
    public static SecurityManager From(SparkConf conf, ILogger log)
    {
        _ = log;
        if (conf.Get(CoreKeys.Authenticate)) throw new SparkException("spark.authenticate is 'true', but authentication is not available in this version: remove the key and bind to loopback, or set it to 'false'.");
        return new SecurityManager(null);
    }

    public void Dispose() { }
}
