using System.Text;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Akka.Channels;

/// <summary>Tells proven peers where this node's gate is.</summary>
internal sealed class GateAddress(string gate) : IBulkSource
{
    /// <summary>What peers ask for, under the prefix for transports; another layout of the channels' messages would have another one.</summary>
    public const string Name = "akka-1";

    public BulkContent Open(string path) => string.Equals(path, Name, StringComparison.Ordinal)
        ? new BulkContent().Add(Encoding.UTF8.GetBytes(gate))
        : throw new BulkNotFoundException(
            $"the listening node takes messages over '{Name}' and not over '{path}': run the same release with the same spark.rpc.factory on all nodes");
}
