using Sparkish.Rpc;

namespace Sparkish.Shuffle;

/// <summary>The location of a map task's output and the sizes of its reduce partitions.</summary>
/// <param name="ExecutorId">The executor that wrote it.</param>
/// <param name="Address">The address at which that executor serves it.</param>
/// <param name="MapId">The task attempt that wrote it; names its files.</param>
/// <param name="SizeCodes">For each reduce partition a byte on a logarithmic scale, see <see cref="EncodeSize"/>; 0 is exactly empty.</param>
internal sealed record MapStatus(string ExecutorId, RpcAddress Address, long MapId, byte[] SizeCodes)
{
    private const double LogBase = 1.1;

    /// <summary>Spark's scale: the smallest power of 1.1 that is not below the size, within 10%, up to 35 GB.</summary>
    public static byte EncodeSize(long bytes) => bytes switch
    {
        <= 0 => 0,
        1 => 1,
        _ => (byte)Math.Min(255, (int)Math.Ceiling(Math.Log(bytes) / Math.Log(LogBase))),
    };

    public bool IsEmpty(int reduceId) => SizeCodes[reduceId] == 0;
}
