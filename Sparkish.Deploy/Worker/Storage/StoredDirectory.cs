namespace Sparkish.Deploy.Worker.Storage;

/// <summary>The directory of an application or a driver.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Bytes">The size of the files in it.</param>
/// <param name="LastChange">The time of the last change in it.</param>
/// <param name="IsInUse">Whether something runs in it.</param>
internal sealed record StoredDirectory(string Path, long Bytes, DateTimeOffset LastChange, bool IsInUse);
