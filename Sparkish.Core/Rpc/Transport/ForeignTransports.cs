using Microsoft.Extensions.Logging;
using Sparkish.Diagnostics;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// Answers nodes whose messages another actor system carries. Such a node serves under <see cref="Prefix"/> where its messages are taken, and asks its
/// peers for the same; the built-in env has nothing to tell it.
/// </summary>
internal sealed class ForeignTransports(ILogger log) : IBulkSource
{
    /// <summary>The path prefix of these streams.</summary>
    public const string Prefix = "transport";

    private const int MaxNameChars = 64;

    public BulkContent Open(string path)
    {
        log.ForeignTransportRefused(LogText.Escape(LogText.Shorten(path, MaxNameChars)));
        throw new BulkNotFoundException(
            "the listening node takes messages over its own connections and the connecting node over another actor system: "
            + "give all nodes of a cluster the same spark.rpc.factory");
    }
}
