namespace Sparkish.Deploy.Master;

/// <summary>The states of an application: waiting until its first executor starts; the last three are final.</summary>
internal enum ApplicationState
{
    Waiting,
    Running,
    Finished,
    Failed,
    Killed,
}
