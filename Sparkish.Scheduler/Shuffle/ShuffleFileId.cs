using System.Globalization;

namespace Sparkish.Shuffle;

/// <summary>Identifies the output of one map task attempt.</summary>
internal readonly record struct ShuffleFileId(int ShuffleId, long MapId)
{
    public string DataName => string.Create(CultureInfo.InvariantCulture, $"shuffle_{ShuffleId}_{MapId}_0.data");

    public string IndexName => string.Create(CultureInfo.InvariantCulture, $"shuffle_{ShuffleId}_{MapId}_0.index");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"shuffle_{ShuffleId}_{MapId}");
}
