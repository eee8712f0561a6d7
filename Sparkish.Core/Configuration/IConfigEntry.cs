namespace Sparkish.Configuration;

/// <summary>A declared key, whatever the type of its values.</summary>
internal interface IConfigEntry
{
    /// <summary>The key, such as <c>spark.rpc.askTimeout</c>.</summary>
    string Key { get; }
}
