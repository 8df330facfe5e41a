import { Navigate, useParams } from "react-router";

/** The results of a chain's newest run: a view of its page, under an address of its own. */
export function Component() {
  const { chainId = "", taskId } = useParams();
  const task = taskId === undefined ? "" : `&task=${encodeURIComponent(taskId)}`;
  return <Navigate to={`/chains/${chainId}?view=results${task}`} replace />;
}
