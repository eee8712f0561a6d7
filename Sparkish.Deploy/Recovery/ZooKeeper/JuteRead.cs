namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Reads a result.</summary>
internal delegate T JuteRead<out T>(ref JuteReader reader);
