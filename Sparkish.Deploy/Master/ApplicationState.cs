namespace Sparkish.Deploy.Master;

/// <summary>The life of an application: waiting until its first executor starts; the last three are ends.</summary>
internal enum ApplicationState
{
    Waiting,
    Running,
    Finished,
    Failed,
    Killed,
}
